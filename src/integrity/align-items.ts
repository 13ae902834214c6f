import { isJsonArray, isJsonObject, type JsonArray, type JsonValue, stringMember } from '../model/json.js';
import { canonicalize } from './canonicalize.js';

/** Two positions that hold the same item, or one position whose item the other array lacks. */
export interface ItemPair {
  readonly before?: number;
  readonly after?: number;
}

/** Beyond so many comparisons of items, arrays are compared by position: a hostile pair must not take minutes. */
const MAX_COMPARISONS = 1_000_000;

/**
 * Returns which items of two arrays belong together: equal ones, and objects of one name, in their common order; between
 * them, items of one sort by their order, so that a changed item is one change and not a removal and an addition.
 */
export function alignItems(before: JsonArray, after: JsonArray): readonly ItemPair[] {
  const a = identitiesOf(before);
  const b = identitiesOf(after);
  const start = commonStart(a, b);
  const end = commonEnd(a, b, start);
  const anchors = [
    ...range(start).map((index) => ({ before: index, after: index })),
    ...commonBetween(a.slice(start, a.length - end), b.slice(start, b.length - end), start),
    ...range(end).map((index) => ({ before: a.length - end + index, after: b.length - end + index })),
  ];
  return fillGaps(anchors, before, after);
}

type Anchor = Required<ItemPair>;

/** Objects go by their name where the array has each name once, like the arguments of a prompt; all else by its content. */
function identitiesOf(items: JsonArray): readonly string[] {
  const names = items.map(nameOf);
  const isNamed = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return items.map((item, index) => (isNamed ? `name ${names[index] ?? ''}` : canonicalize(item)));
}

function nameOf(item: JsonValue): string | undefined {
  return stringMember(item, 'name');
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a[count] === b[count]) count++;
  return count;
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  let count = 0;
  const most = Math.min(a.length, b.length) - start;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count++;
  return count;
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Returns a longest common subsequence; positions count from `offset`. */
function commonBetween(a: readonly string[], b: readonly string[], offset: number): readonly Anchor[] {
  if (a.length * b.length > MAX_COMPARISONS) return [];
  const lengths = commonLengths(a, b);
  const width = b.length + 1;
  const anchors: Anchor[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) anchors.push({ before: offset + i++, after: offset + j++ });
    else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return anchors;
}

/** Row by row: how long the longest common subsequence is of what follows position `i` in `a` and `j` in `b`. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skipped = Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
      lengths[i * width + j] = a[i] === b[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : skipped;
    }
  }
  return lengths;
}

function fillGaps(anchors: readonly Anchor[], before: JsonArray, after: JsonArray): readonly ItemPair[] {
  const pairs: ItemPair[] = [];
  let [i, j] = [0, 0];
  for (const anchor of [...anchors, { before: before.length, after: after.length }]) {
    while (i < anchor.before && j < anchor.after && isSameSort(before[i], after[j]))
      pairs.push({ before: i++, after: j++ });
    while (i < anchor.before) pairs.push({ before: i++ });
    while (j < anchor.after) pairs.push({ after: j++ });
    if (anchor.before < before.length && anchor.after < after.length) pairs.push({ before: i++, after: j++ });
  }
  return pairs;
}

/** Two objects of different names are two things, of which one went and one came. */
function isSameSort(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (isJsonObject(a) && isJsonObject(b)) return nameOf(a) === nameOf(b);
  return isJsonObject(a) === isJsonObject(b) && isJsonArray(a) === isJsonArray(b);
}
