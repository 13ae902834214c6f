import {
  isJsonArray,
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  memberOf,
} from '../../model/json.js';
import { canonicalize } from '../canonicalize.js';
import type { CompiledSchema } from './compiled-schema.js';
import { isMultipleOf } from './is-multiple-of.js';

/** Canonical characters that count as much work as a look at a schema. */
const CHARACTERS_PER_STEP = 64;

/**
 * Returns the first keyword about the value itself that it does not satisfy; `undefined` where it satisfies all of them.
 *
 * @param spend is told how much work it takes, in looks at a schema
 */
export function assertionFailure(
  schema: JsonObject,
  value: JsonValue,
  compiled: CompiledSchema,
  spend: (steps: number) => void,
): string | undefined {
  return (
    generalFailure(schema, value, spend) ??
    (typeof value === 'number' ? numberFailure(schema, value) : undefined) ??
    (typeof value === 'string' ? stringFailure(schema, value, compiled, spend) : undefined) ??
    (isJsonArray(value) ? arrayFailure(schema, value, spend) : undefined) ??
    (isJsonObject(value) ? objectFailure(schema, value) : undefined)
  );
}

type Spend = (steps: number) => void;

function generalFailure(schema: JsonObject, value: JsonValue, spend: Spend): string | undefined {
  const type = memberOf(schema, 'type');
  if (type !== undefined && !(isJsonArray(type) ? type : [type]).some((one) => isOfType(value, one))) return 'type';
  const choices = memberOf(schema, 'enum');
  const only = memberOf(schema, 'const');
  if (choices === undefined && only === undefined) return undefined;
  const own = canonical(value, spend);
  if (only !== undefined && canonical(only, spend) !== own) return 'const';
  const isAmong = !isJsonArray(choices) || choices.some((one) => canonical(one, spend) === own);
  return isAmong ? undefined : 'enum';
}

function canonical(value: JsonValue, spend: Spend): string {
  const text = canonicalize(value);
  spend(Math.ceil(text.length / CHARACTERS_PER_STEP));
  return text;
}

function isOfType(value: JsonValue, type: JsonValue): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return isJsonArray(value);
  if (type === 'object') return isJsonObject(value);
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return (type === 'boolean' || type === 'number' || type === 'string') && typeof value === type;
}

function numberFailure(schema: JsonObject, value: number): string | undefined {
  const bounds: readonly (readonly [string, (limit: number) => boolean])[] = [
    ['minimum', (limit) => value >= limit],
    ['maximum', (limit) => value <= limit],
    ['exclusiveMinimum', (limit) => value > limit],
    ['exclusiveMaximum', (limit) => value < limit],
    ['multipleOf', (factor) => isMultipleOf(value, factor)],
  ];
  return firstFailure(schema, bounds);
}

function stringFailure(
  schema: JsonObject,
  value: string,
  { patterns }: CompiledSchema,
  spend: Spend,
): string | undefined {
  const pattern = memberOf(schema, 'pattern');
  if (memberOf(schema, 'minLength') !== undefined || memberOf(schema, 'maxLength') !== undefined) {
    const length = codePoints(value);
    const failed = firstFailure(schema, [
      ['minLength', (limit) => length >= limit],
      ['maxLength', (limit) => length <= limit],
    ]);
    if (failed !== undefined) return failed;
  }
  if (typeof pattern !== 'string') return undefined;
  spend(Math.ceil(value.length / CHARACTERS_PER_STEP));
  return patterns.get(pattern)?.matcher(value).find() === true ? undefined : 'pattern';
}

/** RFC 8259 strings are counted in characters, not in UTF-16 code units. */
function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}

function arrayFailure(schema: JsonObject, value: JsonArray, spend: Spend): string | undefined {
  const failed = firstFailure(schema, [
    ['minItems', (limit) => value.length >= limit],
    ['maxItems', (limit) => value.length <= limit],
  ]);
  if (failed !== undefined || memberOf(schema, 'uniqueItems') !== true) return failed;
  return new Set(value.map((one) => canonical(one, spend))).size === value.length ? undefined : 'uniqueItems';
}

function objectFailure(schema: JsonObject, value: JsonObject): string | undefined {
  const count = Object.keys(value).length;
  const failed = firstFailure(schema, [
    ['minProperties', (limit) => count >= limit],
    ['maxProperties', (limit) => count <= limit],
  ]);
  if (failed !== undefined) return failed;
  if (!hasAll(value, memberOf(schema, 'required'))) return 'required';
  for (const keyword of ['dependentRequired', 'dependencies']) {
    const dependent = memberOf(schema, keyword);
    if (!isJsonObject(dependent)) continue;
    for (const [name, names] of Object.entries(dependent))
      if (Object.hasOwn(value, name) && isJsonArray(names) && !hasAll(value, names)) return keyword;
  }
  return undefined;
}

function hasAll(value: JsonObject, names: JsonValue | undefined): boolean {
  return !isJsonArray(names) || names.every((name) => typeof name === 'string' && Object.hasOwn(value, name));
}

/** A limit that is no number limits nothing. */
function firstFailure(
  schema: JsonObject,
  checks: readonly (readonly [string, (limit: number) => boolean])[],
): string | undefined {
  return checks.find(([keyword, holds]) => {
    const limit = memberOf(schema, keyword);
    return typeof limit === 'number' && !holds(limit);
  })?.[0];
}
