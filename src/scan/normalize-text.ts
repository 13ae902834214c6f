import { LOOK_ALIKES } from './look-alikes.js';

/** A text in the form that patterns are matched on, with the way back. */
export interface NormalizedText {
  readonly text: string;
  /** Returns the half-open range of the original that a half-open range of the normalised text came from. */
  readonly originalSpan: (start: number, end: number) => { readonly start: number; readonly end: number };
}

/**
 * Returns a text as a model is likely to read it: compatibility forms folded (NFKC), accents dropped, letters of other alphabets that look
 * Latin made Latin, invisible characters removed, tag characters decoded, white space collapsed to single spaces, none at the ends.
 */
export function normalizeText(original: string): NormalizedText {
  if (!ANY_UNUSUAL.test(original)) return { text: original, originalSpan: (start, end) => ({ start, end }) };
  const pieces: Piece[] = [];
  let at = 0;
  let out = 0;
  const push = (text: string, from: number, length: number, isPlain: boolean): void => {
    if (text === '') return;
    pieces.push({ text, out, from, length, isPlain });
    out += text.length;
  };
  for (const match of original.matchAll(UNUSUAL)) {
    push(original.slice(at, match.index), at, match.index - at, true);
    at = match.index;
    const end = at + match[0].length;
    const run = { text: match[0], before: original.charAt(at - 1), after: original.charAt(end) };
    for (const folded of foldRun(run)) {
      push(folded.text, at, folded.length, false);
      at += folded.length;
    }
  }
  push(original.slice(at), at, original.length - at, true);
  const kept = withoutOuterSpace(pieces);
  const offset = kept[0]?.out ?? 0;
  return {
    text: kept.map(({ text }) => text).join(''),
    originalSpan: (start, end) => ({
      start: startOf(pieceAt(kept, start + offset), start + offset),
      end: endOf(pieceAt(kept, Math.max(start, end - 1) + offset), end + offset),
    }),
  };
}

/** A stretch of the normalised text: copied (`isPlain`), or made from `length` characters as a whole. */
interface Piece {
  readonly text: string;
  readonly out: number;
  readonly from: number;
  readonly length: number;
  readonly isPlain: boolean;
}

/** Everything but printable ASCII with single spaces. */
const UNUSUAL = /(?: ?[^ -~]|  |^ | $)[^!-~]*/gu;

/** Whether there is any of it, which costs half. */
const ANY_UNUSUAL = /[^ -~]|  |^ | $/;

/** Replaces one run of unusual characters, piece by piece; the lengths add up to that of the run. */
function* foldRun(run: Run): Generator<{ readonly text: string; readonly length: number }> {
  let space = 0;
  const isForeign = foreignWords(run);
  let at = 0;
  for (const character of run.text) {
    const place = at;
    at += character.length;
    if (isSpace(character)) space += character.length;
    else if (isInvisible(character) && space > 0) space += character.length;
    else {
      if (space > 0) yield { text: ' ', length: space };
      space = 0;
      yield { text: isForeign(place) ? foldLetter(character) : foldCharacter(character), length: character.length };
    }
  }
  if (space > 0) yield { text: ' ', length: space };
}

/**
 * Returns whether a place of a run lies in a word that is not Latin: one with a letter that no Latin one looks like, and that does not
 * go on in ASCII. Its other letters are what they are (as in Russian words), and no disguise.
 */
function foreignWords({ text, before, after }: Run): (place: number) => boolean {
  if (!OTHER_ALPHABET.test(text)) return () => false;
  const words = Array.from(text.matchAll(/\p{L}+/gu)).filter(({ 0: word, index }) => {
    const isJoined =
      (index === 0 && ASCII_LETTER.test(before)) || (index + word.length === text.length && ASCII_LETTER.test(after));
    return (
      !isJoined &&
      Array.from(word.toLowerCase()).some((letter) => OTHER_ALPHABET.test(letter) && !LOOK_ALIKES.has(letter))
    );
  });
  return (place) => words.some(({ 0: word, index }) => place >= index && place < index + word.length);
}

/** A stretch of unusual characters, and the characters beside it. */
interface Run {
  readonly text: string;
  readonly before: string;
  readonly after: string;
}

const ASCII_LETTER = /[A-Za-z]/;
/** Letters of alphabets that have some like ours. */
const OTHER_ALPHABET = /[^\P{L}\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

function foldLetter(character: string): string {
  return character.normalize('NFKC').toLowerCase();
}

/** Returns a pattern with its letters as normalised text has them: without accents. Its signs are left alone. */
export function foldPattern(pattern: string): string {
  return pattern.replace(/[^ -~]+/g, (letters) => normalizeText(letters).text);
}

function isSpace(character: string): boolean {
  return /^\s$/.test(character) && character !== '\u{FEFF}';
}

function foldCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xe0020 && code <= 0xe007e) return String.fromCharCode(code - 0xe0000);
  if (isInvisible(character)) return '';
  // Some marks and ligatures fold to text with spaces in it.
  const folded = character.normalize('NFKC').replace(SPACE_OR_ACCENT, '');
  return LOOK_ALIKES.get(folded) ?? withoutAccents(folded);
}

/** Of Latin letters only: elsewhere a mark makes another letter (Japanese, Devanagari). */
function withoutAccents(character: string): string {
  return LATIN.test(character) ? character.normalize('NFD').replace(/\p{Mn}+/gu, '') : character;
}

const SPACE_OR_ACCENT = /[\s\u{300}-\u{36F}]/gu;
const LATIN = /^\p{Script=Latin}/u;

// Fillers and blanks are letters or marks by category but show as nothing; tag letters are no longer invisible once decoded.
const INVISIBLE =
  /^[\p{Cc}\p{Cf}\p{Cs}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}\u{34F}\u{180B}-\u{180F}]$/u;
const TAG_LETTER = /^[\u{E0020}-\u{E007E}]$/u;

function isInvisible(character: string): boolean {
  return INVISIBLE.test(character) && !TAG_LETTER.test(character);
}

function withoutOuterSpace(pieces: readonly Piece[]): readonly Piece[] {
  const start = pieces[0]?.text === ' ' ? 1 : 0;
  const end = pieces.length > start && pieces.at(-1)?.text === ' ' ? -1 : pieces.length;
  return pieces.slice(start, end);
}

/** The last piece that begins at or before a place. */
function pieceAt(pieces: readonly Piece[], place: number): Piece | undefined {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle]?.out ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return pieces[low];
}

function startOf(piece: Piece | undefined, place: number): number {
  if (piece === undefined) return 0;
  return piece.isPlain ? piece.from + (place - piece.out) : piece.from;
}

function endOf(piece: Piece | undefined, place: number): number {
  if (piece === undefined) return 0;
  return piece.isPlain ? piece.from + (place - piece.out) : piece.from + piece.length;
}
