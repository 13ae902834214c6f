import {
  isJsonArray,
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  memberOf,
} from '../../model/json.js';
import { type Pointer, pointerTo } from '../../model/pointer.js';
import { assertionFailure } from './assertions.js';
import type { CompiledSchema, UnknownSchema } from './compiled-schema.js';
import { resolveReference } from './resolve-reference.js';

/** Whether a value is what a schema describes. */
export type Satisfaction =
  | { readonly kind: 'valid' }
  /** `at` is the place in the value; `keyword` what it does not satisfy. Neither holds text of the schema. */
  | { readonly kind: 'invalid'; readonly at: Pointer; readonly keyword: string }
  /** Nobody can tell: nothing may be concluded from it. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Looks at one schema for one value. Hostile schemas need many more: alternatives within alternatives, or references in a circle. */
const MAX_STEPS = 200_000;

const MAX_DEPTH = 256;

/**
 * Returns whether a value satisfies a schema: JSON Schema 2020-12, 2019-09, and drafts 6 and 7. No code is generated, patterns are
 * matched in linear time, nothing is fetched, and the work is bounded. `format` and everything about content say nothing.
 */
export function satisfies(schema: CompiledSchema | UnknownSchema, value: JsonValue): Satisfaction {
  if ('unknown' in schema) return { kind: 'unknown', why: schema.unknown };
  const run: Run = { compiled: schema, steps: 0, depth: 0 };
  try {
    const { failure } = look(schema.root, value, '', run);
    return failure === undefined ? { kind: 'valid' } : { kind: 'invalid', ...failure };
  } catch (error) {
    if (error instanceof CannotTell) return { kind: 'unknown', why: error.message };
    throw error;
  }
}

class CannotTell extends Error {}

interface Run {
  readonly compiled: CompiledSchema;
  steps: number;
  depth: number;
}

interface Failure {
  readonly at: Pointer;
  readonly keyword: string;
}

/** `seen` are the members and items that some schema has looked at, for `unevaluated…`. */
interface Look {
  readonly failure: Failure | undefined;
  readonly seen: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();

function look(schema: JsonValue, value: JsonValue, at: Pointer, run: Run): Look {
  if (++run.steps > MAX_STEPS) throw new CannotTell('it takes too much work');
  if (schema === true) return { failure: undefined, seen: NOTHING };
  if (schema === false) return { failure: { at, keyword: 'false' }, seen: NOTHING };
  if (!isJsonObject(schema)) throw new CannotTell('a schema in it is none');
  if (++run.depth > MAX_DEPTH) throw new CannotTell('it is nested too deep');
  try {
    return new Looker(schema, value, at, run).look();
  } finally {
    run.depth -= 1;
  }
}

/** What is kept while one value is held against one schema. */
class Looker {
  readonly #seen = new Set<string>();

  constructor(
    readonly schema: JsonObject,
    readonly value: JsonValue,
    readonly at: Pointer,
    readonly run: Run,
  ) {}

  look(): Look {
    return { failure: this.#failure(), seen: this.#seen };
  }

  #failure(): Failure | undefined {
    const { schema, value, at, run } = this;
    const reference = this.#reference();
    if (reference !== undefined) return reference.failure;
    const keyword = assertionFailure(schema, value, run.compiled, (steps) => {
      run.steps += steps;
      if (run.steps > MAX_STEPS) throw new CannotTell('it takes too much work');
    });
    if (keyword !== undefined) return { at, keyword };
    const within = isJsonObject(value) ? this.#members(value) : isJsonArray(value) ? this.#items(value) : undefined;
    return within ?? this.#combined() ?? this.#unevaluated();
  }

  /** Before 2019-09 nothing beside a reference says anything. */
  #reference(): { readonly failure: Failure | undefined } | undefined {
    const { schema, value, at, run } = this;
    for (const name of ['$dynamicRef', '$recursiveRef'])
      if (memberOf(schema, name) !== undefined) throw new CannotTell(`${name} is not supported`);
    const ref = memberOf(schema, '$ref');
    if (ref === undefined) return undefined;
    const target = typeof ref === 'string' ? resolveReference(ref, schema, run.compiled) : undefined;
    if (target === undefined) throw new CannotTell('it refers to something that is not in it');
    const { failure, seen } = look(target, value, at, run);
    if (failure !== undefined || run.compiled.dialect === 'draft-07') return { failure };
    this.#note(seen);
    return undefined;
  }

  #members(value: JsonObject): Failure | undefined {
    const { schema, at, run } = this;
    const properties = objectOf(schema, 'properties');
    const patterns = Object.entries(objectOf(schema, 'patternProperties'));
    const additional = memberOf(schema, 'additionalProperties');
    const names = memberOf(schema, 'propertyNames');
    for (const [name, member] of Object.entries(value)) {
      const place = pointerTo(at, name);
      const own = memberOf(properties, name);
      const matching = patterns.filter(
        ([pattern]) => run.compiled.patterns.get(pattern)?.matcher(name).find() === true,
      );
      const schemas = [...(own === undefined ? [] : [own]), ...matching.map(([, one]) => one)];
      if (schemas.length > 0) this.#seen.add(name);
      else if (additional !== undefined) {
        schemas.push(additional);
        this.#seen.add(name);
      }
      const isExtra = schemas.length === 1 && schemas[0] === additional && additional === false;
      if (isExtra) return { at: place, keyword: 'additionalProperties' };
      for (const one of schemas) {
        const { failure } = look(one, member, place, run);
        if (failure !== undefined) return failure;
      }
      if (names !== undefined && look(names, name, place, run).failure !== undefined)
        return { at: place, keyword: 'propertyNames' };
    }
    return this.#dependent(value);
  }

  #dependent(value: JsonObject): Failure | undefined {
    const { schema, at, run } = this;
    const all = { ...objectOf(schema, 'dependencies'), ...objectOf(schema, 'dependentSchemas') };
    for (const [name, one] of Object.entries(all)) {
      if (!Object.hasOwn(value, name) || isJsonArray(one)) continue;
      const { failure, seen } = look(one, value, at, run);
      if (failure !== undefined) return failure;
      this.#note(seen);
    }
    return undefined;
  }

  #items(value: JsonArray): Failure | undefined {
    const { schema, at, run } = this;
    const items = memberOf(schema, 'items');
    const prefix = isJsonArray(items) ? items : (memberOf(schema, 'prefixItems') ?? []);
    const rest = isJsonArray(items) ? memberOf(schema, 'additionalItems') : items;
    const contains = memberOf(schema, 'contains');
    let found = 0;
    for (const [index, item] of value.entries()) {
      const place = pointerTo(at, index);
      const own = (isJsonArray(prefix) ? prefix[index] : undefined) ?? rest;
      if (own !== undefined) {
        this.#seen.add(String(index));
        const { failure } = look(own, item, place, run);
        if (failure !== undefined) return failure;
      }
      if (contains === undefined || look(contains, item, place, run).failure !== undefined) continue;
      found += 1;
      if (run.compiled.dialect === '2020-12') this.#seen.add(String(index));
    }
    return contains === undefined || isWithin(found, schema) ? undefined : { at, keyword: 'contains' };
  }

  #combined(): Failure | undefined {
    return this.#allOf() ?? this.#anyOf() ?? this.#oneOf() ?? this.#not() ?? this.#condition();
  }

  #allOf(): Failure | undefined {
    for (const { failure, seen } of this.#each('allOf')) {
      if (failure !== undefined) return failure;
      this.#note(seen);
    }
    return undefined;
  }

  #anyOf(): Failure | undefined {
    if (memberOf(this.schema, 'anyOf') === undefined) return undefined;
    // Every one is looked at: what it has seen counts.
    const good = [...this.#each('anyOf')].filter(({ failure }) => failure === undefined);
    for (const { seen } of good) this.#note(seen);
    return good.length > 0 ? undefined : { at: this.at, keyword: 'anyOf' };
  }

  #oneOf(): Failure | undefined {
    if (memberOf(this.schema, 'oneOf') === undefined) return undefined;
    const good = [...this.#each('oneOf')].filter(({ failure }) => failure === undefined);
    for (const { seen } of good) this.#note(seen);
    return good.length === 1 ? undefined : { at: this.at, keyword: 'oneOf' };
  }

  #not(): Failure | undefined {
    const { schema, value, at, run } = this;
    const not = memberOf(schema, 'not');
    return not === undefined || look(not, value, at, run).failure !== undefined ? undefined : { at, keyword: 'not' };
  }

  #condition(): Failure | undefined {
    const { schema, value, at, run } = this;
    const condition = memberOf(schema, 'if');
    if (condition === undefined) return undefined;
    const { failure, seen } = look(condition, value, at, run);
    if (failure === undefined) this.#note(seen);
    const branch = memberOf(schema, failure === undefined ? 'then' : 'else');
    if (branch === undefined) return undefined;
    const taken = look(branch, value, at, run);
    this.#note(taken.seen);
    return taken.failure;
  }

  #unevaluated(): Failure | undefined {
    const { schema, value, at, run } = this;
    const isArray = isJsonArray(value);
    const keyword = isArray ? 'unevaluatedItems' : 'unevaluatedProperties';
    const rest = memberOf(schema, keyword);
    if (rest === undefined || !(isArray || isJsonObject(value)) || run.compiled.dialect === 'draft-07')
      return undefined;
    for (const [name, one] of Object.entries(value) as readonly (readonly [string, JsonValue])[]) {
      if (this.#seen.has(name)) continue;
      if (look(rest, one, pointerTo(at, name), run).failure !== undefined) return { at: pointerTo(at, name), keyword };
      this.#seen.add(name);
    }
    return undefined;
  }

  *#each(name: string): Generator<Look> {
    const schemas = memberOf(this.schema, name);
    if (schemas === undefined) return;
    if (!isJsonArray(schemas)) throw new CannotTell(`${name} is no list`);
    for (const one of schemas) yield look(one, this.value, this.at, this.run);
  }

  #note(seen: ReadonlySet<string>): void {
    this.run.steps += seen.size;
    for (const one of seen) this.#seen.add(one);
  }
}

function objectOf(schema: JsonObject, name: string): JsonObject {
  const value = memberOf(schema, name);
  return isJsonObject(value) ? value : {};
}

function isWithin(found: number, schema: JsonObject): boolean {
  const [min, max] = [memberOf(schema, 'minContains'), memberOf(schema, 'maxContains')];
  return found >= (typeof min === 'number' ? min : 1) && found <= (typeof max === 'number' ? max : Infinity);
}
