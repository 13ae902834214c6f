import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

/**
 * A JSON text and how far it has been read. The next quote, backslash and control character are found by the engine's own
 * search and remembered, so that a string costs no loop over its characters, and a whole document a few linear searches.
 */
export interface Source {
  readonly text: string;
  position: number;
  nextQuote: number;
  nextBackslash: number;
  nextControl: number;
}

/** Returns a source at the start of a text. */
export function sourceOf(text: string): Source {
  return { text, position: 0, nextQuote: -1, nextBackslash: -1, nextControl: -1 };
}

/** Moves past the four characters that RFC 8259 section 2 calls whitespace. */
export function skipWhitespace(source: Source): void {
  const { text } = source;
  let { position } = source;
  for (;;) {
    const code = text.charCodeAt(position);
    // A comparison with NaN, at the end of the text, is false: it must leave the loop too.
    if (!(code <= 0x20) || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) break;
    position++;
  }
  source.position = position;
}

/**
 * Moves from a string's opening quote past its closing one. Returns whether it holds escapes, which are not checked.
 *
 * @throws {SealwatchError} `JSON_SYNTAX` at a control character, or where the string does not end.
 */
export function readStringEnd(source: Source): boolean {
  const { text } = source;
  let from = source.position + 1;
  let hasEscapes = false;
  for (;;) {
    if (source.nextQuote < from) source.nextQuote = find(text, '"', from);
    if (source.nextBackslash < from) source.nextBackslash = find(text, '\\', from);
    if (source.nextBackslash > source.nextQuote) break;
    hasEscapes = true;
    from = source.nextBackslash + 2;
    if (from > text.length) break;
  }
  refuseControls(source, source.position + 1, Math.min(source.nextQuote, text.length));
  if (source.nextQuote >= text.length || from > text.length)
    throw syntaxErrorAt(source, text.length, 'the end of a string');
  source.position = source.nextQuote + 1;
  return hasEscapes;
}

/**
 * Moves past a number.
 *
 * @throws {SealwatchError} `JSON_SYNTAX` where there is none in the form of RFC 8259 section 6.
 */
export function readNumberEnd(source: Source): void {
  const { text } = source;
  let { position } = source;
  if (text.charCodeAt(position) === 0x2d) position++;
  position = text.charCodeAt(position) === 0x30 ? position + 1 : digitsEnd(source, position);
  if (text.charCodeAt(position) === 0x2e) position = digitsEnd(source, position + 1);
  const code = text.charCodeAt(position);
  if (code === 0x65 || code === 0x45) {
    const sign = text.charCodeAt(position + 1);
    position = digitsEnd(source, sign === 0x2b || sign === 0x2d ? position + 2 : position + 1);
  }
  source.position = position;
}

/** Returns the error that something else was expected at the current position. */
export function syntaxError(source: Source, expected: string): SealwatchError {
  return syntaxErrorAt(source, source.position, expected);
}

function syntaxErrorAt({ text }: Source, position: number, expected: string): SealwatchError {
  const found = position < text.length ? quote(String.fromCodePoint(text.codePointAt(position) ?? 0)) : 'the end';
  return new SealwatchError('JSON_SYNTAX', `not JSON: expected ${expected} at position ${position}, found ${found}`);
}

function digitsEnd(source: Source, start: number): number {
  let position = start;
  for (;;) {
    const code = source.text.charCodeAt(position);
    if (!(code >= 0x30 && code <= 0x39)) break;
    position++;
  }
  if (position === start) throw syntaxErrorAt(source, start, start === source.position ? 'a value' : 'a digit');
  return position;
}

/** Returns where a character is next, beyond the end where it is nowhere: then it is never looked for again. */
function find(text: string, character: string, from: number): number {
  const found = text.indexOf(character, from);
  return found === -1 ? Number.POSITIVE_INFINITY : found;
}

function refuseControls(source: Source, start: number, end: number): void {
  if (source.nextControl < start) source.nextControl = findControl(source.text, start);
  if (source.nextControl < end) throw syntaxErrorAt(source, source.nextControl, 'no control character in a string');
}

function findControl(text: string, from: number): number {
  const control = /[\u0000-\u001f]/g;
  control.lastIndex = from;
  return control.exec(text)?.index ?? Number.POSITIVE_INFINITY;
}
