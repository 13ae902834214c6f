import { isJsonArray, type JsonArray, type JsonObject, type JsonValue, memberOf } from '../model/json.js';
import { quote } from '../quote.js';

/** Whether a schema accepts more or less than before. */
export type Direction = 'widened' | 'narrowed' | 'unclear';

/** Returns the direction under a negation. */
export function flipped(direction: Direction): Direction {
  switch (direction) {
    case 'widened':
      return 'narrowed';
    case 'narrowed':
      return 'widened';
    case 'unclear':
      return 'unclear';
  }
}

interface KeywordChange {
  readonly direction: Direction;
  readonly because: string;
}

/** Returns the values that a schema lists as allowed: `const` is an `enum` of one. */
export function allowedBy(schema: JsonObject): JsonValue | undefined {
  const constant = memberOf(schema, 'const');
  return constant === undefined ? memberOf(schema, 'enum') : [constant];
}

/** Returns what a change of a keyword's value means. Values that the keyword cannot have are unknowns, and `unclear`. */
export function compareKeyword(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  of: 'input' | 'output',
): readonly KeywordChange[] {
  switch (keyword) {
    case 'type':
      return compareSets(keyword, typesOf(before), typesOf(after));
    case 'enum':
      return compareSets(keyword, before, after);
    case 'required':
      return compareRequired(before, after, of);
    case 'uniqueItems':
      return compareSwitch(keyword, before, after, 'narrowed');
    case 'nullable':
      return compareSwitch(keyword, before, after, 'widened');
    case 'default':
      // What is sent where the model says nothing is as good as a value that the server chose for it.
      return [{ direction: 'unclear', because: 'a default value changed' }];
    default:
      if (LOWER_BOUNDS.has(keyword) || UPPER_BOUNDS.has(keyword)) return compareBounds(keyword, before, after);
      // What we do not know may mean something to a client: `x-mcp-header` copies an argument into an HTTP header.
      return CONSTRAINTS.has(keyword)
        ? compareConstraint(keyword, before, after)
        : [{ direction: 'unclear', because: `${quote(keyword, 60)} changed` }];
  }
}

const LOWER_BOUNDS = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains']);
const UPPER_BOUNDS = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains']);

/** Keywords that only ever constrain: to appear narrows, to vanish widens, to change can be either. */
const CONSTRAINTS = new Set([
  'pattern',
  'format',
  'multipleOf',
  'contentEncoding',
  'contentMediaType',
  'dependentRequired',
]);

function compareConstraint(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (before === undefined) return [{ direction: 'narrowed', because: `${keyword} was added` }];
  if (after === undefined) return [{ direction: 'widened', because: `${keyword} was removed` }];
  return [{ direction: 'unclear', because: `${keyword} changed` }];
}

/** To have at least none of something is no bound. */
const FROM_ZERO = new Set(['minLength', 'minItems', 'minProperties']);

function compareBounds(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  const absent = FROM_ZERO.has(keyword) ? 0 : undefined;
  const [a, b] = [before ?? absent, after ?? absent];
  if (typeof a !== 'number' || typeof b !== 'number') return compareConstraint(keyword, a, b);
  if (a === b) return [];
  const isTighter = LOWER_BOUNDS.has(keyword) ? b > a : b < a;
  return [{ direction: isTighter ? 'narrowed' : 'widened', because: `${keyword} went from ${a} to ${b}` }];
}

function compareSwitch(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  whenOn: 'widened' | 'narrowed',
): readonly KeywordChange[] {
  const [a, b] = [before ?? false, after ?? false];
  if (typeof a !== 'boolean' || typeof b !== 'boolean')
    return [{ direction: 'unclear', because: `${keyword} changed` }];
  if (a === b) return [];
  return [{ direction: b ? whenOn : flipped(whenOn), because: `${keyword} was turned ${b ? 'on' : 'off'}` }];
}

/** Where there is no list, everything is accepted: no list is longer. */
function compareSets(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (!isListOrAbsent(before) || !isListOrAbsent(after)) {
    return [{ direction: 'unclear', because: `${keyword} is no list` }];
  }
  if (before === undefined || after === undefined) return compareConstraint(keyword, before, after);
  const [come, gone] = [missingIn(before, after), missingIn(after, before)];
  return [
    ...come.map((item): KeywordChange => ({ direction: 'widened', because: `${keyword} accepts ${item} now` })),
    ...gone.map(
      (item): KeywordChange => ({ direction: 'narrowed', because: `${keyword} does not accept ${item} any more` }),
    ),
  ];
}

/** Returns the items of `of` that `list` has not, quoted. */
function missingIn(list: JsonArray, of: JsonArray): readonly string[] {
  const texts = new Set(list.map((item) => JSON.stringify(item)));
  return of
    .map((item) => JSON.stringify(item))
    .filter((text) => !texts.has(text))
    .map((text) => quote(text, 60));
}

/**
 * What a call has to have. Required where it was not: the model is made to supply it, which is more than wording, so it counts
 * as widened although fewer calls are accepted. Not required any more: calls are accepted without, such as one without its
 * confirmation. Of an output it is the plain way: the server promises more, or less.
 */
function compareRequired(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  of: 'input' | 'output',
): readonly KeywordChange[] {
  if (!isListOrAbsent(before) || !isListOrAbsent(after)) {
    return [{ direction: 'unclear', because: 'required changed, and is no list' }];
  }
  return [
    ...missingIn(before ?? [], after ?? []).map((name): KeywordChange => {
      return { direction: of === 'input' ? 'widened' : 'narrowed', because: `${name} is required now` };
    }),
    ...missingIn(after ?? [], before ?? []).map((name): KeywordChange => {
      return { direction: 'widened', because: `${name} is not required any more` };
    }),
  ];
}

/** Every integer is a number: where both are named, or the one follows the other, only the number counts. */
function typesOf(value: JsonValue | undefined): JsonValue | undefined {
  const types = typeof value === 'string' ? [value] : value;
  return isJsonArray(types) && types.includes('number') ? [...types, 'integer'] : types;
}

function isListOrAbsent(value: JsonValue | undefined): value is JsonArray | undefined {
  return value === undefined || isJsonArray(value);
}
