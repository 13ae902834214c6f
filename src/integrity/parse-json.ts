import type { JsonValue } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import { quote } from '../quote.js';
import { isInexact } from './inexact-number.js';
import { MAX_DEPTH } from './max-depth.js';
import { readNumberEnd, readStringEnd, skipWhitespace, type Source, sourceOf, syntaxError } from './source.js';
import { skipValue } from './skip-value.js';

/** A strictly read document. */
export interface ParsedJson {
  readonly value: JsonValue;
  /** What makes the document ambiguous or too large; at most {@link MAX_FLAWS} for one element, or outside of all. */
  readonly flaws: readonly JsonFlaw[];
  /** Numbers that a double cannot carry exactly, as they were written, in document order. */
  readonly inexact: readonly InexactNumber[];
  /** Half-open ranges in the text of the elements that were asked for. */
  readonly elements: readonly SourceRange[];
}

export interface JsonFlaw {
  readonly code: 'REPEATED_MEMBER' | 'TOO_DEEP' | 'NUMBER_RANGE';
  readonly pointer: Pointer;
  readonly message: string;
}

export interface InexactNumber {
  readonly pointer: Pointer;
  readonly lexeme: string;
}

interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** One flaw is enough to hold a definition; a document of nothing but flaws must not fill the memory. */
const MAX_FLAWS = 16;

/**
 * Returns what a JSON text (RFC 8259) says, as `JSON.parse` reads it, and what `JSON.parse` would hide: repeated members
 * (the last one is in the value), subtrees deeper than `maxDepth` and numbers beyond a double's range (`null` in their
 * place). Those are returned, not thrown, so that one bad definition does not blind us to the others.
 *
 * `elementsOf` names a member of the top-level object whose array elements are located in the text. A container counts
 * one level; `maxDepth` is at most {@link MAX_DEPTH}. Objects hold every member as their own, also one named `__proto__`.
 *
 * @throws {SealwatchError} `JSON_SYNTAX` for every text that `JSON.parse` refuses.
 */
export function parseJson(
  text: string,
  options: { readonly maxDepth: number; readonly elementsOf?: string },
): ParsedJson {
  const reader: Reader = {
    source: sourceOf(text),
    maxDepth: Math.min(options.maxDepth, MAX_DEPTH),
    elementsOf: options.elementsOf,
    path: [],
    flaws: [],
    flawsHere: 0,
    inexact: [],
    elements: [],
  };
  skipWhitespace(reader.source);
  const value = readValue(reader, 0);
  skipWhitespace(reader.source);
  if (reader.source.position < text.length) throw syntaxError(reader.source, 'the end of the text');
  return { value, flaws: reader.flaws, inexact: reader.inexact, elements: reader.elements };
}

interface Reader {
  readonly source: Source;
  readonly maxDepth: number;
  readonly elementsOf: string | undefined;
  /** Member names and indexes on the way to the value that is being read; a pointer is built only where one is needed. */
  readonly path: (string | number)[];
  readonly flaws: JsonFlaw[];
  /** Flaws in the element that is being read. */
  flawsHere: number;
  readonly inexact: InexactNumber[];
  readonly elements: SourceRange[];
}

type MutableObject = Record<string, JsonValue>;

function readValue(reader: Reader, depth: number): JsonValue {
  const { source } = reader;
  switch (source.text.charCodeAt(source.position)) {
    case 0x22:
      return readString(source);
    case 0x7b:
      return depth < reader.maxDepth ? readObject(reader, depth) : skipTooDeep(reader, depth);
    case 0x5b:
      return depth < reader.maxDepth ? readArray(reader, depth) : skipTooDeep(reader, depth);
    case 0x74:
      return readWord(source, 'true', true);
    case 0x66:
      return readWord(source, 'false', false);
    case 0x6e:
      return readWord(source, 'null', null);
    default:
      return readNumber(reader, depth);
  }
}

function readObject(reader: Reader, depth: number): JsonValue {
  const { source } = reader;
  const object: MutableObject = {};
  source.position++;
  skipWhitespace(source);
  if (takes(source, 0x7d)) return object;
  for (;;) {
    if (source.text.charCodeAt(source.position) !== 0x22) throw syntaxError(source, 'a member name');
    const name = readString(source);
    skipWhitespace(source);
    if (!takes(source, 0x3a)) throw syntaxError(source, '":"');
    skipWhitespace(source);
    reader.path[depth] = name;
    // Own members only: `constructor` is a name like any other, and `__proto__` must not set the prototype.
    if (Object.hasOwn(object, name)) addFlaw(reader, depth + 1, 'REPEATED_MEMBER', `member ${quote(name)} is repeated`);
    const value = readMember(reader, name, depth);
    if (name === '__proto__') defineOwn(object, name, value);
    else object[name] = value;
    skipWhitespace(source);
    if (takes(source, 0x7d)) return object;
    if (!takes(source, 0x2c)) throw syntaxError(source, '"," or "}"');
    skipWhitespace(source);
  }
}

function readMember(reader: Reader, name: string, depth: number): JsonValue {
  const { source } = reader;
  const isListed = depth === 0 && name === reader.elementsOf && source.text.charCodeAt(source.position) === 0x5b;
  return isListed && reader.maxDepth > 1 ? readArray(reader, 1, reader.elements) : readValue(reader, depth + 1);
}

function readArray(reader: Reader, depth: number, ranges?: SourceRange[]): JsonValue {
  const { source } = reader;
  const items: JsonValue[] = [];
  const flawsOutside = reader.flawsHere;
  source.position++;
  skipWhitespace(source);
  if (takes(source, 0x5d)) return items;
  for (;;) {
    reader.path[depth] = items.length;
    const start = source.position;
    if (ranges !== undefined) reader.flawsHere = 0;
    items.push(readValue(reader, depth + 1));
    ranges?.push({ start, end: source.position });
    skipWhitespace(source);
    if (takes(source, 0x5d)) {
      // Attack: a last element of nothing but flaws, so that a second `tools` member after it goes unsaid.
      if (ranges !== undefined) reader.flawsHere = flawsOutside;
      return items;
    }
    if (!takes(source, 0x2c)) throw syntaxError(source, '"," or "]"');
    skipWhitespace(source);
  }
}

function readString(source: Source): string {
  const start = source.position;
  const hasEscapes = readStringEnd(source);
  if (!hasEscapes) return source.text.slice(start + 1, source.position - 1);
  try {
    return JSON.parse(source.text.slice(start, source.position)) as string;
  } catch {
    // The only thing left that can be wrong between two quotes: the error that we throw instead says where.
    source.position = start;
    throw syntaxError(source, 'a string with valid escapes');
  }
}

function readNumber(reader: Reader, depth: number): JsonValue {
  const { source } = reader;
  const start = source.position;
  readNumberEnd(source);
  const lexeme = source.text.slice(start, source.position);
  const value = Number(lexeme);
  if (!Number.isFinite(value)) {
    addFlaw(reader, depth, 'NUMBER_RANGE', `number ${quote(lexeme, 40)} is beyond the range of a double`);
    return null;
  }
  if (isInexact(lexeme, value)) reader.inexact.push({ pointer: pointerAt(reader, depth), lexeme });
  return value;
}

function readWord<T>(source: Source, word: string, value: T): T {
  if (!source.text.startsWith(word, source.position)) throw syntaxError(source, 'a value');
  source.position += word.length;
  return value;
}

function skipTooDeep(reader: Reader, depth: number): null {
  addFlaw(reader, depth, 'TOO_DEEP', `nested more than ${reader.maxDepth} levels deep`);
  skipValue(reader.source);
  return null;
}

function takes(source: Source, code: number): boolean {
  if (source.text.charCodeAt(source.position) !== code) return false;
  source.position++;
  return true;
}

function defineOwn(object: MutableObject, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function addFlaw(reader: Reader, depth: number, code: JsonFlaw['code'], message: string): void {
  if (reader.flawsHere++ >= MAX_FLAWS) return;
  reader.flaws.push({ code, pointer: pointerAt(reader, depth), message });
}

function pointerAt(reader: Reader, depth: number): Pointer {
  return reader.path.slice(0, depth).reduce<Pointer>(pointerTo, '');
}
