import { SealwatchError } from '../errors.js';
import { isJsonArray, type JsonArray, type JsonObject, type JsonValue } from '../model/json.js';
import { MAX_DEPTH } from './max-depth.js';

/**
 * Returns the RFC 8785 form of a value.
 *
 * No member is special: one named `toJSON` or `__proto__` is data, because the value came from a server and may be
 * hostile. An unpaired surrogate is written as a lower-case `\u` escape (tool definition hash, version 1, section 1).
 *
 * @throws {SealwatchError} `JSON_TOO_DEEP` beyond {@link MAX_DEPTH} levels.
 */
export function canonicalize(value: JsonValue): string {
  return write(value, 0);
}

function write(value: JsonValue, depth: number): string {
  // ECMAScript's own rules for strings and numbers are the ones that RFC 8785 sections 3.2.2.2 and 3.2.2.3 name.
  if (typeof value === 'string') return writeString(value);
  if (typeof value !== 'object') return value === 0 ? '0' : String(value);
  if (value === null) return 'null';
  if (depth >= MAX_DEPTH) throw new SealwatchError('JSON_TOO_DEEP', `more than ${MAX_DEPTH} levels of nesting`);
  return isJsonArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
}

function writeArray(items: JsonArray, depth: number): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += write(items[index] ?? null, depth);
  }
  return `${text}]`;
}

function writeObject(value: JsonObject, depth: number): string {
  const names = sortedNames(value);
  let text = '{';
  for (const name of names) {
    if (text.length > 1) text += ',';
    text += `${writeString(name)}:${write(value[name] ?? null, depth)}`;
  }
  return `${text}}`;
}

// Comparing by `<` and sorting without a comparator both go by UTF-16 code unit (RFC 8785 section 3.2.3).
function sortedNames(value: JsonObject): readonly string[] {
  const names = Object.keys(value);
  for (let index = 1; index < names.length; index++) {
    if ((names[index - 1] ?? '') > (names[index] ?? '')) return names.sort();
  }
  return names;
}

// Most strings need no escape, and for those this is quicker.
function writeString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;
