import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { type Pointer, pointerTo, pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';
import { compareKeyword, type Direction, flipped } from './schema-keywords.js';

/** One place where a schema accepts more (`widened`), less (`narrowed`), or nobody can tell (`unclear`). */
export interface SchemaChange {
  readonly pointer: Pointer;
  readonly direction: Direction;
  /** One sentence, server text quoted. */
  readonly because: string;
}

/** A hostile pair of schemas must not take minutes: what is beyond so many comparisons is `unclear`. */
const MAX_STEPS = 20_000;

/**
 * Returns what two JSON Schemas (2020-12, and the older spellings) differ in, by meaning: local references are followed on
 * both sides, so that moving a part into `$defs` is no difference. Texts (`title`, `description`, `$comment`, `examples`)
 * are left out. An absent schema accepts everything.
 */
export function compareSchemas(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  options: { readonly pointer: Pointer },
): readonly SchemaChange[] {
  const walk: Walk = { roots: [before ?? true, after ?? true], steps: 0, under: [], changes: [] };
  compareAt(walk, options.pointer, before ?? true, after ?? true);
  return walk.changes;
}

interface Walk {
  readonly roots: readonly [JsonValue, JsonValue];
  steps: number;
  /** Pairs that are being compared further up: a recursive schema comes back to them. */
  readonly under: (readonly [JsonValue, JsonValue])[];
  readonly changes: SchemaChange[];
}

function compareAt(walk: Walk, pointer: Pointer, before: JsonValue, after: JsonValue): void {
  if (++walk.steps > MAX_STEPS) {
    if (walk.steps === MAX_STEPS + 1) add(walk, pointer, 'unclear', 'the schema is too large to be compared');
    return;
  }
  const a = resolve(before, walk.roots[0]);
  const b = resolve(after, walk.roots[1]);
  if (walk.under.some(([x, y]) => x === before && y === after)) return;
  walk.under.push([before, after]);
  for (const keyword of new Set([...Object.keys(a), ...Object.keys(b)])) {
    compareMember(walk, pointerTo(pointer, keyword), keyword, [own(a, keyword), own(b, keyword)]);
  }
  walk.under.pop();
}

type Pair = readonly [JsonValue | undefined, JsonValue | undefined];

/** Keywords by the shape of what they hold. All that are in no group are compared by value. */
const SUBSCHEMA = new Set([
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'additionalItems',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'contentSchema',
]);
const SUBSCHEMAS_BY_NAME = new Set(['properties', 'patternProperties', 'dependentSchemas']);
const BRANCHES = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const TEXT = new Set(['title', 'description', '$comment', 'examples', 'example', 'deprecated']);
/** Followed where they are used, or names that nothing is sent to. */
const FOLLOWED = new Set(['$defs', 'definitions', '$schema', '$id', '$anchor', '$vocabulary']);

function compareMember(walk: Walk, pointer: Pointer, keyword: string, [before, after]: Pair): void {
  if (TEXT.has(keyword) || FOLLOWED.has(keyword)) return;
  if (SUBSCHEMAS_BY_NAME.has(keyword)) compareByName(walk, pointer, keyword, before, after);
  else if (BRANCHES.has(keyword)) compareBranches(walk, pointer, keyword, before, after);
  else if (keyword === 'not') compareNegation(walk, pointer, before, after);
  else if (SUBSCHEMA.has(keyword) && !isJsonArray(before) && !isJsonArray(after)) {
    compareAt(walk, pointer, before ?? true, after ?? true);
  } else {
    for (const { direction, because } of compareKeyword(keyword, before, after)) add(walk, pointer, direction, because);
  }
}

/** A parameter that appears is more to hand over, even where unknown ones were allowed before: now the model knows of it. */
function compareByName(
  walk: Walk,
  pointer: Pointer,
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  const [a, b] = [asObject(before), asObject(after)];
  const what = keyword === 'properties' ? 'parameter' : keyword;
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [from, to] = [own(a, name), own(b, name)];
    const place = pointerTo(pointer, name);
    if (from !== undefined && to !== undefined) compareAt(walk, place, from, to);
    else if (to !== undefined) add(walk, place, 'widened', `${what} ${quote(name, 60)} was added`);
    else add(walk, place, 'narrowed', `${what} ${quote(name, 60)} was removed`);
  }
}

function compareBranches(
  walk: Walk,
  pointer: Pointer,
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  const [a, b] = [asArray(before), asArray(after)];
  const isAlternative = keyword === 'anyOf' || keyword === 'oneOf';
  // No alternatives means that nothing is asked, which accepts more than any list of them.
  if (a.length === 0 && b.length === 0) return;
  if (a.length === 0) add(walk, pointer, 'narrowed', `${keyword} was added`);
  else if (b.length === 0) add(walk, pointer, 'widened', `${keyword} was removed`);
  else {
    const [gone, come] = unmatched(a, b);
    const paired = Math.min(gone.length, come.length);
    for (let index = 0; index < paired; index++) {
      compareAt(
        walk,
        pointerTo(pointer, come[index]?.index ?? 0),
        gone[index]?.schema ?? true,
        come[index]?.schema ?? true,
      );
    }
    const more = isAlternative ? 'widened' : 'narrowed';
    if (come.length > paired) add(walk, pointer, more, `${keyword} has another branch`);
    if (gone.length > paired) add(walk, pointer, flipped(more), `${keyword} has a branch less`);
  }
}

interface Branch {
  readonly index: number;
  readonly schema: JsonValue;
}

/** Returns the branches that only one side has, so that one inserted in the middle is not a change of all that follow. */
function unmatched(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
): readonly [readonly Branch[], readonly Branch[]] {
  const texts = [before, after].map((side) => new Set(side.map((schema) => JSON.stringify(schema))));
  const only = (side: readonly JsonValue[], others: ReadonlySet<string> | undefined): readonly Branch[] =>
    side
      .map((schema, index) => ({ schema, index }))
      .filter(({ schema }) => others?.has(JSON.stringify(schema)) !== true);
  return [only(before, texts[1]), only(after, texts[0])];
}

function compareNegation(
  walk: Walk,
  pointer: Pointer,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): void {
  if (before === undefined) add(walk, pointer, 'narrowed', 'something is excluded now');
  else if (after === undefined) add(walk, pointer, 'widened', 'nothing is excluded any more');
  else {
    const inner: Walk = { ...walk, changes: [] };
    compareAt(inner, pointer, before, after);
    walk.steps = inner.steps;
    for (const change of inner.changes) walk.changes.push({ ...change, direction: flipped(change.direction) });
  }
}

/** What is followed through more references than this is left as it is: it is a circle, or made to be one. */
const MAX_REFERENCES = 32;

/** Returns a schema as an object, its local references replaced by what they name, with what stands beside them kept. */
function resolve(schema: JsonValue, root: JsonValue): JsonObject {
  let current = asSchemaObject(schema);
  for (let followed = 0; followed < MAX_REFERENCES; followed++) {
    const reference = memberOf(current, '$ref');
    const target = typeof reference === 'string' ? follow(reference, root) : undefined;
    if (target === undefined) return current;
    const beside = Object.entries(current).filter(([keyword]) => keyword !== '$ref');
    current = { ...asSchemaObject(target), ...Object.fromEntries(beside) };
  }
  return current;
}

function follow(reference: string, root: JsonValue): JsonValue | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  return pointerTokens(decode(reference.slice(1))).reduce<JsonValue | undefined>(
    (place, token) => (isJsonArray(place) ? place[Number(token)] : memberOf(place, token)),
    root,
  );
}

function decode(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    // Not percent-encoded after all: the fragment is taken as it stands.
    return fragment;
  }
}

/** `true` accepts everything, like an object without keywords; `false` nothing. */
function asSchemaObject(schema: JsonValue): JsonObject {
  if (isJsonObject(schema)) return schema;
  return schema === false ? { not: {} } : {};
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asArray(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : [];
}

function own(object: JsonObject, name: string): JsonValue | undefined {
  return memberOf(object, name);
}

function add(walk: Walk, pointer: Pointer, direction: Direction, because: string): void {
  walk.changes.push({ pointer, direction, because });
}
