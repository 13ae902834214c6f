import { RE2JS } from 're2js';

import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  memberOf,
  stringMember,
} from '../../model/json.js';

/** What a schema's keywords mean; a schema that names none is one of the newest, as MCP has it. */
type Dialect = '2020-12' | '2019-09' | 'draft-07';

/** A schema with everything in it that others refer to. */
export interface CompiledSchema {
  readonly root: JsonValue;
  readonly dialect: Dialect;
  /** By absolute address, with the anchor where there is one. */
  readonly named: ReadonlyMap<string, JsonValue>;
  /** What relative references within a schema start from. */
  readonly baseOf: ReadonlyMap<JsonValue, string>;
  /** By pattern; matched in linear time, whatever a server wrote. */
  readonly patterns: ReadonlyMap<string, RE2JS>;
}

/** Why nobody can say what satisfies a schema. */
export interface UnknownSchema {
  readonly unknown: string;
}

/** The address of a schema that does not say its own; nothing is ever fetched from it. */
const NOWHERE = 'https://schema.invalid/';

/** A schema of so many values is no description of arguments. */
const MAX_VALUES = 100_000;

const DIALECTS: readonly (readonly [RegExp, Dialect])[] = [
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, '2020-12'],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, '2019-09'],
  [/^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/, 'draft-07'],
];

/** Returns a schema that is ready to be used, or why it cannot be: then nothing satisfies it. */
export function compileSchema(root: JsonValue): CompiledSchema | UnknownSchema {
  const named = stringMember(root, '$schema');
  const dialect = named === undefined ? '2020-12' : DIALECTS.find(([pattern]) => pattern.test(named))?.[1];
  if (dialect === undefined) return { unknown: 'it names a dialect that is not known' };
  const walk: Walk = { named: new Map(), baseOf: new Map(), patterns: new Map(), left: MAX_VALUES };
  try {
    collect(root, NOWHERE, walk);
    walk.named.set(NOWHERE, root);
    return { root, dialect, named: walk.named, baseOf: walk.baseOf, patterns: walk.patterns };
  } catch {
    return { unknown: 'a pattern or an address in it cannot be read, or it is too large' };
  }
}

interface Walk {
  readonly named: Map<string, JsonValue>;
  readonly baseOf: Map<JsonValue, string>;
  readonly patterns: Map<string, RE2JS>;
  left: number;
}

/** Every object may be a schema; one that is none is never referred to. */
function collect(value: JsonValue, base: string, walk: Walk): void {
  if (--walk.left < 0) throw new Error('too large');
  if (isJsonArray(value)) for (const one of value) collect(one, base, walk);
  if (!isJsonObject(value)) return;
  const own = baseWithin(value, base);
  walk.baseOf.set(value, own);
  if (own !== base) walk.named.set(own, value);
  for (const name of ['$anchor', '$dynamicAnchor']) {
    const anchor = stringMember(value, name);
    if (anchor !== undefined) walk.named.set(`${own}#${anchor}`, value);
  }
  collectPatterns(value, walk);
  for (const member of Object.values(value)) collect(member, own, walk);
}

function baseWithin(schema: JsonObject, base: string): string {
  const id = stringMember(schema, '$id');
  if (id === undefined) return base;
  // Drafts up to 7 name a place within a document in the same way.
  if (id.startsWith('#')) return base;
  return new URL(id, base).href.replace(/#$/, '');
}

function collectPatterns(schema: JsonObject, { patterns }: Walk): void {
  const pattern = stringMember(schema, 'pattern');
  const properties = memberOf(schema, 'patternProperties');
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  for (const one of pattern === undefined ? names : [pattern, ...names])
    if (!patterns.has(one)) patterns.set(one, RE2JS.compile(toRe2(one)));
}

/** ECMA-262 writes some escapes otherwise; what RE2 does not know (look-around, back-references) it refuses. */
function toRe2(pattern: string): string {
  return pattern.replaceAll(/\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|(\/)|.)/gs, (whole, four, more, slash) => {
    const code = (four ?? more) as string | undefined;
    if (code !== undefined) return `\\x{${code}}`;
    return slash === undefined ? whole : '/';
  });
}
