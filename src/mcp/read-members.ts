import { SealwatchError } from '../errors.js';
import { skipValue } from '../integrity/skip-value.js';
import { readStringEnd, skipWhitespace, type Source, sourceOf, syntaxError } from '../integrity/source.js';
import { quote } from '../quote.js';

/** A half-open range in a text. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns where the wanted members of the object that is the whole text have their values; `undefined` where the text is
 * another value. The syntax of all of it is checked, but nothing else is kept: an unchanged listing of megabytes costs
 * one linear pass and no objects, and neither depth nor the number of members costs memory.
 *
 * @throws {SealwatchError} `JSON_SYNTAX`; `JSON_REPEATED_MEMBER` for a wanted member that is there twice, since what the
 * message says depends on the reader then.
 */
export function readMembers(text: string, wanted: readonly string[]): ReadonlyMap<string, SourceRange> | undefined {
  const source = sourceOf(text);
  skipWhitespace(source);
  if (text.charCodeAt(source.position) !== 0x7b) {
    skipOnly(source);
    return undefined;
  }
  const members = new Map<string, SourceRange>();
  source.position++;
  skipWhitespace(source);
  if (!takes(source, 0x7d)) readUntilClosed(source, wanted, members);
  skipEnd(source);
  return members;
}

/**
 * Calls back with the text of each element of the array that is the whole text. Returns whether it is an array.
 *
 * @throws {SealwatchError} `JSON_SYNTAX`
 */
export function readElements(text: string, onElement: (element: string) => void): boolean {
  const source = sourceOf(text);
  skipWhitespace(source);
  if (!takes(source, 0x5b)) return false;
  skipWhitespace(source);
  if (takes(source, 0x5d)) return true;
  for (;;) {
    const { start, end } = skipRange(source);
    onElement(text.slice(start, end));
    skipWhitespace(source);
    if (takes(source, 0x5d)) return true;
    if (!takes(source, 0x2c)) throw syntaxError(source, '"," or "]"');
    skipWhitespace(source);
  }
}

function readUntilClosed(source: Source, wanted: readonly string[], members: Map<string, SourceRange>): void {
  for (;;) {
    const name = readName(source);
    skipWhitespace(source);
    if (!takes(source, 0x3a)) throw syntaxError(source, '":"');
    skipWhitespace(source);
    const range = skipRange(source);
    if (wanted.includes(name)) {
      if (members.has(name))
        throw new SealwatchError('JSON_REPEATED_MEMBER', `message: member ${quote(name)} is repeated`);
      members.set(name, range);
    }
    skipWhitespace(source);
    if (takes(source, 0x7d)) return;
    if (!takes(source, 0x2c)) throw syntaxError(source, '"," or "}"');
    skipWhitespace(source);
  }
}

/** A name may be written with escapes: `"\u0069d"` is `id` to every reader. */
function readName(source: Source): string {
  const start = source.position;
  if (source.text.charCodeAt(start) !== 0x22) throw syntaxError(source, 'a member name');
  if (!readStringEnd(source)) return source.text.slice(start + 1, source.position - 1);
  try {
    return JSON.parse(source.text.slice(start, source.position)) as string;
  } catch {
    // Only a bad escape is left to be wrong; the error that we throw instead says where.
    source.position = start;
    throw syntaxError(source, 'a string with valid escapes');
  }
}

function skipRange(source: Source): SourceRange {
  const start = source.position;
  skipValue(source);
  return { start, end: source.position };
}

function skipOnly(source: Source): void {
  skipValue(source);
  skipEnd(source);
}

function skipEnd(source: Source): void {
  skipWhitespace(source);
  if (source.position < source.text.length) throw syntaxError(source, 'the end of the text');
}

function takes(source: Source, code: number): boolean {
  if (source.text.charCodeAt(source.position) !== code) return false;
  source.position++;
  return true;
}
