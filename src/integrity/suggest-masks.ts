import { RE2JS } from 're2js';
import { type Definition, isOurs } from '../model/definition.js';
import { isJsonArray, type JsonValue, memberOf } from '../model/json.js';
import type { Mask } from '../model/mask.js';
import { type Pointer, pointerTokens } from '../model/pointer.js';
import type { Snapshot } from '../model/snapshot.js';
import { applyMasks, type CompiledMask } from './apply-masks.js';
import { canonicalize } from './canonicalize.js';
import { compareJson } from './compare-json.js';

/** An honest server changes a few places by itself; whatever changes more is no case for masks. */
const MAX_SUGGESTIONS = 16;

/**
 * Returns the masks under which two observations of one server would have been equal; none where no masks can make them so,
 * or where they are equal already. Only texts that stand in both, at one place, are masked, and never text with spaces.
 */
export function suggestMasks(before: Snapshot, after: Snapshot): readonly Mask[] {
  const pairs = pairUp(before.definitions, after.definitions);
  const differing = pairs?.filter((pair) => pair.before.version !== pair.after.version) ?? [];
  const masks: Mask[] = [];
  for (const pair of differing) {
    const suggested = suggestFor(pair);
    if (suggested === undefined || masks.length + suggested.length > MAX_SUGGESTIONS) return [];
    masks.push(...suggested);
  }
  return masks;
}

interface Pair {
  readonly before: Definition;
  readonly after: Definition;
}

/** Returns the definitions of both side by side; `undefined` where one has a definition that the other lacks. */
function pairUp(before: readonly Definition[], after: readonly Definition[]): readonly Pair[] | undefined {
  if (before.length !== after.length) return undefined;
  const pairs = before.flatMap((one, index) => {
    const other = after[index];
    return other?.refText === one.refText ? [{ before: one, after: other }] : [];
  });
  return pairs.length === before.length ? pairs : undefined;
}

function suggestFor({ before, after }: Pair): readonly Mask[] | undefined {
  const { kind, name, position } = after.ref;
  if (before.value === undefined || after.value === undefined || position !== undefined) return undefined;
  if (before.flaws.length + after.flaws.length > 0 || isOurs(after.ref)) return undefined;
  const found: CompiledMask[] = [];
  const edits = compareJson(before.value, after.value);
  if (edits.length > MAX_SUGGESTIONS) return undefined;
  for (const { pointer } of edits) {
    const texts = { before: stringAt(before.value, pointer), after: stringAt(after.value, pointer) };
    const patterns = patternsBetween(texts.before, texts.after);
    if (patterns === undefined) return undefined;
    for (const pattern of patterns) {
      found.push({ mask: { kind, name, pointer, pattern }, pattern: RE2JS.compile(pattern) });
    }
  }
  const isEnough = maskedForm(before, before.value, found) === maskedForm(after, after.value, found);
  return isEnough && found.length > 0 ? found.map(({ mask }) => mask) : undefined;
}

function maskedForm({ ref }: Definition, value: JsonValue, masks: readonly CompiledMask[]): string {
  return canonicalize(applyMasks(value, ref, masks).value);
}

function stringAt(value: JsonValue, pointer: Pointer): string | undefined {
  let found: JsonValue | undefined = value;
  for (const token of pointerTokens(pointer)) {
    found = isJsonArray(found) ? found[Number(token)] : memberOf(found, token);
  }
  return typeof found === 'string' ? found : undefined;
}

/** Returns patterns that match the words in which two texts differ; `undefined` where they differ in more than words. */
function patternsBetween(before: string | undefined, after: string | undefined): readonly string[] | undefined {
  if (before === undefined || after === undefined) return undefined;
  const a = before.split(/(\s+)/);
  const b = after.split(/(\s+)/);
  const differing = a.flatMap((word, index) => (word === b[index] ? [] : [{ a: word, b: b[index] ?? '' }]));
  const isShort =
    differing.length <= MAX_SUGGESTIONS && differing.every((pair) => isMaskable(pair.a) && isMaskable(pair.b));
  if (a.length !== b.length || !isShort) return undefined;
  return [...new Set(differing.map((pair) => patternFor(pair.a, pair.b)))];
}

/** A word may be longer than what is masked in it, but patterns are not tried on a hostile one of megabytes. */
function isMaskable(word: string): boolean {
  return word.length <= 1_000 && !/^\s*$/.test(word);
}

/** What volatile text looks like, the most telling first. */
const SHAPES: readonly string[] = [
  String.raw`\d{4}-\d{2}-\d{2}[T_]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?`,
  String.raw`\d{4}-\d{2}-\d{2}`,
  String.raw`\d{1,2}[./]\d{1,2}[./]\d{4}`,
  String.raw`\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?`,
  String.raw`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`,
  String.raw`:\d{2,5}\b`,
  String.raw`\b\d+\b`,
  String.raw`\b[0-9a-f]{6,64}\b`,
  String.raw`([A-Za-z]:)?([/\\][^\s/\\"'<>|,;()]+)+[/\\]?`,
  String.raw`\d+`,
  String.raw`[A-Za-z0-9_-]+`,
  String.raw`\S+`,
];

/** Enough of what stands around volatile text that the pattern does not match elsewhere. */
const MAX_CONTEXT_LENGTH = 16;

/** Returns the first shape that covers all that differs in two words, between what they have in common around it. */
function patternFor(a: string, b: string): string {
  const start = commonStart(Array.from(a), Array.from(b));
  const end = commonStart(Array.from(a.slice(start)).reverse(), Array.from(b.slice(start)).reverse());
  for (const shape of SHAPES) {
    const [inA, inB] = [covering(shape, a, start, end), covering(shape, b, start, end)];
    if (inA === undefined || inA.head !== inB?.head || inA.tail !== inB.tail) continue;
    const { head, tail } = inA;
    return RE2JS.quote(head.slice(-MAX_CONTEXT_LENGTH)) + shape + RE2JS.quote(tail.slice(0, MAX_CONTEXT_LENGTH));
  }
  return RE2JS.quote(a.slice(0, start)) + String.raw`\S*` + RE2JS.quote(a.slice(a.length - end));
}

/** Returns what stands before and after the match that takes in everything but `start` characters and the last `end` ones. */
function covering(
  shape: string,
  word: string,
  start: number,
  end: number,
): { readonly head: string; readonly tail: string } | undefined {
  const matcher = RE2JS.compile(shape).matcher(word);
  while (matcher.find()) {
    const covers = matcher.start() <= start && matcher.end() >= word.length - end;
    if (covers) return { head: word.slice(0, matcher.start()), tail: word.slice(matcher.end()) };
  }
  return undefined;
}

/** Returns how many code units two words have in common at their start, never half a surrogate pair. */
function commonStart(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  for (let index = 0; index < a.length && a[index] === b[index]; index++) length += a[index]?.length ?? 0;
  return length;
}
