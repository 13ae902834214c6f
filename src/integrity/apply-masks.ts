import { RE2JS } from 're2js';
import { messageOf, SealwatchError } from '../errors.js';
import { type DefinitionRef, isOurs } from '../model/definition.js';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.js';
import { MASK_TEXT, type Mask } from '../model/mask.js';
import { type Pointer, pointerTokens } from '../model/pointer.js';
import { quote } from '../quote.js';

/** What is masked goes unwatched, so it must be too short to instruct a model with. */
const MAX_MASKED_LENGTH = 64;

/** re2js is linear but not fast: a hostile description must not take seconds for each mask. Longer texts stay unmasked. */
const MAX_MASKABLE_LENGTH = 20_000;

/** A mask with its pattern compiled. */
export interface CompiledMask {
  readonly mask: Mask;
  readonly pattern: RE2JS;
}

/** A value with the text that masks matched replaced, and where. */
export interface Masked {
  readonly value: JsonValue;
  readonly masked: readonly Pointer[];
}

/**
 * Returns the masks ready to apply.
 *
 * @throws {SealwatchError} `MASK_INVALID` where a pattern is not one of re2js.
 */
export function compileMasks(masks: readonly Mask[]): readonly CompiledMask[] {
  return masks.map((mask) => ({ mask, pattern: compile(mask.pattern) }));
}

/**
 * Returns a definition's value with every mask for it applied, in their order.
 *
 * A mask is anchored by its pointer: it works on the one string there, and in it on every match of the pattern (write `^`,
 * `$` and `\b` to say more). Its matches may have no whitespace in them, and the different texts that it matches in one
 * string may be at most {@link MAX_MASKED_LENGTH} characters long together: otherwise `\S+` would mask a whole sentence
 * word by word. A mask that would take more does nothing, so that what it was to hide shows up as a change.
 *
 * The provenance is never masked: the masks themselves are approved with it.
 */
export function applyMasks(value: JsonValue, ref: DefinitionRef, masks: readonly CompiledMask[]): Masked {
  const masked = new Set<Pointer>();
  let result = value;
  for (const one of masks.filter(({ mask }) => isFor(mask, ref))) {
    const replaced = replaceAt(result, pointerTokens(one.mask.pointer), (text) => maskText(text, one.pattern));
    if (replaced === result) continue;
    masked.add(one.mask.pointer);
    result = replaced;
  }
  return { value: result, masked: [...masked] };
}

/** Returns a text with every match of the pattern replaced; the text itself where the mask would take too much. */
function maskText(text: string, pattern: RE2JS): string {
  if (text.length > MAX_MASKABLE_LENGTH) return text;
  const ranges = matchesIn(text, pattern);
  const different = new Set(ranges.map(({ start, end }) => text.slice(start, end)));
  const taken = [...different].reduce((sum, match) => sum + match.length, 0);
  if (taken > MAX_MASKED_LENGTH || [...different].some((match) => /\s/.test(match))) return text;
  return ranges.reduceRight((masked, { start, end }) => masked.slice(0, start) + MASK_TEXT + masked.slice(end), text);
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw new SealwatchError('MASK_INVALID', `not a re2js pattern: ${quote(pattern)}: ${messageOf(cause)}`, { cause });
  }
}

function isFor(mask: Mask, ref: DefinitionRef): boolean {
  if (mask.kind !== ref.kind || isOurs(ref)) return false;
  return mask.name === '*' || (mask.name === ref.name && ref.position === undefined);
}

function matchesIn(text: string, pattern: RE2JS): readonly { readonly start: number; readonly end: number }[] {
  const matcher = pattern.matcher(text);
  const ranges: { start: number; end: number }[] = [];
  while (matcher.find()) {
    const range = { start: matcher.start(), end: matcher.end() };
    if (range.end > range.start) ranges.push(range);
  }
  return ranges;
}

/** Returns the value with the string at a place replaced; the same value where there is no string, or it stays the same. */
function replaceAt(value: JsonValue, tokens: readonly string[], change: (text: string) => string): JsonValue {
  const [token, ...rest] = tokens;
  if (token === undefined) return typeof value === 'string' ? change(value) : value;
  if (isJsonArray(value)) return replaceItem(value, token, (item) => replaceAt(item, rest, change));
  if (!isJsonObject(value) || !Object.hasOwn(value, token)) return value;
  const before = value[token] ?? null;
  const after = replaceAt(before, rest, change);
  if (after === before) return value;
  const members = Object.entries(value).map(([name, member]) => [name, name === token ? after : member] as const);
  // `fromEntries` defines members, so that one named `__proto__` stays data.
  return Object.fromEntries(members);
}

function replaceItem(
  items: readonly JsonValue[],
  token: string,
  change: (item: JsonValue) => JsonValue,
): readonly JsonValue[] {
  const index = /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : items.length;
  const before = items[index];
  if (before === undefined) return items;
  const after = change(before);
  return after === before ? items : items.with(index, after);
}
