import { isJsonArray, type JsonValue } from '../model/json.js';
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

/** Returns what a change of a keyword's value means; nothing where the values are equal or the keyword is only text. */
export function compareKeyword(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (textOf(before) === textOf(after)) return [];
  switch (keyword) {
    case 'type':
      return compareSets(keyword, typesOf(before), typesOf(after));
    case 'enum':
      return compareSets(keyword, itemsOf(before), itemsOf(after));
    case 'const':
      return compareConstraint(keyword, before, after);
    case 'required':
      return compareRequired(before, after);
    case 'uniqueItems':
      return [{ direction: after === true ? 'narrowed' : 'widened', because: 'uniqueItems changed' }];
    case 'default':
      // What is sent where the model says nothing is as good as a value that the server chose for it.
      return [{ direction: 'unclear', because: 'a default value changed' }];
    default:
      return LOWER_BOUNDS.has(keyword) || UPPER_BOUNDS.has(keyword)
        ? compareBounds(keyword, before, after)
        : compareOther(keyword, before, after);
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

function compareOther(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (CONSTRAINTS.has(keyword)) return compareConstraint(keyword, before, after);
  // An unknown keyword with text in it is text; anything else may mean something to a client.
  const isText = [before, after].every((value) => value === undefined || typeof value === 'string');
  if (isText && keyword !== '$ref' && keyword !== '$dynamicRef') return [];
  return [{ direction: 'unclear', because: `${quote(keyword, 60)} changed` }];
}

function compareConstraint(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (before === undefined) return [{ direction: 'narrowed', because: `${keyword} was added` }];
  if (after === undefined) return [{ direction: 'widened', because: `${keyword} was removed` }];
  return [{ direction: 'unclear', because: `${keyword} changed` }];
}

function compareBounds(
  keyword: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): readonly KeywordChange[] {
  if (typeof before !== 'number' || typeof after !== 'number') return compareConstraint(keyword, before, after);
  const isTighter = LOWER_BOUNDS.has(keyword) ? after > before : after < before;
  const direction = isTighter ? 'narrowed' : 'widened';
  return [{ direction, because: `${keyword} went from ${before} to ${after}` }];
}

/** `undefined` stands for "any": no list is longer. */
function compareSets(
  keyword: string,
  before: ReadonlySet<string> | undefined,
  after: ReadonlySet<string> | undefined,
): readonly KeywordChange[] {
  if (before === undefined) return [{ direction: 'narrowed', because: `${keyword} was added` }];
  if (after === undefined) return [{ direction: 'widened', because: `${keyword} was removed` }];
  const come = [...after].filter((item) => !before.has(item) && !(item === '"integer"' && before.has('"number"')));
  const gone = [...before].filter((item) => !after.has(item) && !(item === '"integer"' && after.has('"number"')));
  return [
    ...come.map(
      (item): KeywordChange => ({ direction: 'widened', because: `${keyword} accepts ${quote(item, 60)} now` }),
    ),
    ...gone.map(
      (item): KeywordChange => ({
        direction: 'narrowed',
        because: `${keyword} does not accept ${quote(item, 60)} any more`,
      }),
    ),
  ];
}

/**
 * Either way is more than wording, and neither is harmless: what is required now, the model is made to supply; what is not
 * required any more, calls are accepted without.
 */
function compareRequired(before: JsonValue | undefined, after: JsonValue | undefined): readonly KeywordChange[] {
  const a = itemsOf(before) ?? new Set<string>();
  const b = itemsOf(after) ?? new Set<string>();
  const come = [...b].filter((item) => !a.has(item));
  const gone = [...a].filter((item) => !b.has(item));
  return [
    ...come.map((item): KeywordChange => ({ direction: 'widened', because: `${quote(item, 60)} is required now` })),
    ...gone.map(
      (item): KeywordChange => ({ direction: 'widened', because: `${quote(item, 60)} is not required any more` }),
    ),
  ];
}

function typesOf(value: JsonValue | undefined): ReadonlySet<string> | undefined {
  return typeof value === 'string' ? new Set([textOf(value)]) : itemsOf(value);
}

function itemsOf(value: JsonValue | undefined): ReadonlySet<string> | undefined {
  return isJsonArray(value) ? new Set(value.map(textOf)) : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? '' : JSON.stringify(value);
}
