import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.js';

/** Keywords (JSON Schema 2020-12 and the older spellings) by the shape of what they hold. Those in no group hold plain values. */
export const SUBSCHEMA_KEYWORDS: ReadonlySet<string> = new Set([
  'additionalProperties',
  'unevaluatedProperties',
  'items',
  'additionalItems',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'contentSchema',
]);

export const NAMED_SCHEMAS_KEYWORDS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
]);

export const BRANCHES_KEYWORDS: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);

/** Lists in which the position counts; `items` is one in the older drafts. */
export const POSITIONS_KEYWORDS: ReadonlySet<string> = new Set(['prefixItems', 'items']);

/** What these accept counts only together with one another. */
export const CONDITION_KEYWORDS: ReadonlySet<string> = new Set(['if', 'then', 'else']);

/** Only read, never checked: they change what a schema says, not what it accepts. */
export const TEXT_KEYWORDS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'markdownDescription',
  'enumDescriptions',
  'enumNames',
  '$comment',
  'examples',
  'example',
  'deprecated',
]);

/** Followed where they are used, or names that nothing is sent to. */
export const FOLLOWED_KEYWORDS: ReadonlySet<string> = new Set([
  '$defs',
  'definitions',
  '$schema',
  '$id',
  '$anchor',
  '$vocabulary',
]);

const HOLD_SCHEMAS = new Set([
  ...SUBSCHEMA_KEYWORDS,
  ...BRANCHES_KEYWORDS,
  ...POSITIONS_KEYWORDS,
  ...CONDITION_KEYWORDS,
  'not',
]);
const HOLD_NAMED_SCHEMAS = new Set([...NAMED_SCHEMAS_KEYWORDS, '$defs', 'definitions']);

/** Returns a schema without its texts, at every depth: what is equal then differs at most for a reader. */
export function withoutTexts(schema: JsonValue): JsonValue {
  if (isJsonArray(schema)) return schema.map(withoutTexts);
  if (!isJsonObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword]) => !TEXT_KEYWORDS.has(keyword));
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, withoutTextsIn(keyword, value)]));
}

/** A parameter may have the name of a keyword, so names are no keywords. */
function withoutTextsIn(keyword: string, value: JsonValue): JsonValue {
  if (HOLD_SCHEMAS.has(keyword)) return withoutTexts(value);
  if (!HOLD_NAMED_SCHEMAS.has(keyword) || !isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, withoutTexts(schema)]));
}

/** Accepts everything, like `true`. One object, so that two places that hold it are known to hold the same. */
const ANYTHING: JsonObject = {};
/** Accepts nothing, like `false`. */
const NOTHING: JsonObject = { not: ANYTHING };

/** Returns a schema as an object; what is no schema says nothing. */
export function asSchemaObject(schema: JsonValue): JsonObject {
  if (isJsonObject(schema)) return schema;
  return schema === false ? NOTHING : ANYTHING;
}
