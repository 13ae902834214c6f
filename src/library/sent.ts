import { canonicalize } from '../integrity/canonicalize.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import { MAX_DEPTH } from '../integrity/max-depth.js';
import { SealwatchError } from '../errors.js';
import type { JsonObject, JsonValue } from '../model/json.js';
import { DEFAULT_LIMITS } from '../model/limits.js';
import { type Pointer, pointerTo } from '../model/pointer.js';

/**
 * JSON that a server sent: its text, the bytes of its text, or a value that somebody parsed.
 *
 * Text and bytes are the safe input. A parser that made a value has dropped all but one of repeated members, and digits of numbers that
 * a double cannot carry; two definitions that differ in these alone have become one.
 */
export type Sent = string | Uint8Array | object;

/**
 * Returns the JSON text of what a server sent, a parsed value in its canonical form.
 *
 * In a value every number has to be a double that stands for no other number of a text: whole numbers beyond 2^53 - 1 are refused. A
 * member that is `undefined` is none, as for `JSON.stringify`; everything else that JSON has no form for is refused.
 *
 * @throws {SealwatchError} `JSON_ENCODING` for bytes that are not UTF-8; `JSON_TOO_LARGE` beyond 32 Mi characters or a million values; of a parsed
 * value `JSON_NUMBER_RANGE`, `JSON_TOO_DEEP`, and `JSON_SYNTAX` for what is not JSON.
 */
export function jsonTextOf(sent: Sent): string {
  if (sent instanceof Uint8Array) return ofAllowedSize(decodeUtf8(sent));
  if (typeof sent === 'string') return ofAllowedSize(sent);
  const copy = takeValue(sent, '', { ancestors: new Set(), left: MAX_VALUES });
  return ofAllowedSize(canonicalize(copy));
}

function ofAllowedSize(text: string): string {
  if (text.length <= DEFAULT_LIMITS.maxListingBytes) return text;
  throw new SealwatchError('JSON_TOO_LARGE', `more than ${DEFAULT_LIMITS.maxListingBytes} characters`);
}

/** The largest of 297 real listings has 2.1 MB of text. A value that stands in two places at each of 40 levels would take for ever. */
const MAX_VALUES = 1_000_000;

interface Walk {
  /** What the value that is being read stands in: a value within itself has no text. */
  readonly ancestors: Set<object>;
  /** Values that may still come: one that stands in many places is as many values. */
  left: number;
}

/** A copy, so that a getter or a proxy cannot say one thing now and another one later. */
function takeValue(value: unknown, pointer: Pointer, walk: Walk): JsonValue {
  if (--walk.left < 0) throw new SealwatchError('JSON_TOO_LARGE', 'more values than a listing may hold');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return takeNumber(value, pointer);
  if (typeof value !== 'object') throw notJson(`a ${typeof value}`, pointer);
  if (walk.ancestors.has(value)) throw notJson('a value within itself', pointer);
  if (walk.ancestors.size >= MAX_DEPTH) {
    throw new SealwatchError('JSON_TOO_DEEP', `more than ${MAX_DEPTH} levels of nesting`);
  }
  walk.ancestors.add(value);
  const taken = Array.isArray(value) ? takeItems(value, pointer, walk) : takeMembers(value, pointer, walk);
  walk.ancestors.delete(value);
  return taken;
}

function takeItems(items: readonly unknown[], pointer: Pointer, walk: Walk): JsonValue {
  // `map` would leave the holes of an array as they are, unseen.
  return Array.from(items, (item, index) => takeValue(item, pointerTo(pointer, index), walk));
}

function takeMembers(value: object, pointer: Pointer, walk: Walk): JsonObject {
  if (!isPlain(value)) throw notJson('an object of a class', pointer);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => [name, takeValue(member, pointerTo(pointer, name), walk)] as const),
  );
}

/** A `Map`, a `Date` or a `Buffer` has no members that say what it is. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function takeNumber(value: number, pointer: Pointer): number {
  if (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value)) return value;
  const reason = 'digits of it may be lost: hand over the text as it was received';
  throw new SealwatchError('JSON_NUMBER_RANGE', `number ${value} at ${place(pointer)}: ${reason}`);
}

function notJson(what: string, pointer: Pointer): SealwatchError {
  return new SealwatchError('JSON_SYNTAX', `${what} is not JSON, at ${place(pointer)}`);
}

function place(pointer: Pointer): string {
  return JSON.stringify(pointer.slice(0, 200));
}
