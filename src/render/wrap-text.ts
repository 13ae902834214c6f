import { makeVisibleLines } from '../quote.js';

/** A line of shown text. */
export interface WrappedLine {
  readonly text: string;
  /** Where it ends in the source, in UTF-16 code units. */
  readonly end: number;
}

/** A run of white space this long can push what follows out of sight; it is shown as its length. */
const MAX_SPACES = 24;

/** So many empty lines in a row push what follows out of sight as well. */
const MAX_EMPTY_LINES = 3;

/**
 * Returns text from a server in lines of at most `width` characters, everything hidden made visible. Line breaks and indentation
 * stay; long runs of white space are shown as how long they are. Nothing is left out.
 */
export function wrapText(source: string, width: number): readonly WrappedLine[] {
  const lines: WrappedLine[] = [];
  let start = 0;
  for (const raw of source.split('\n')) {
    lines.push(...wrapLine(raw, start, Math.max(width, 20)));
    start += raw.length + 1;
  }
  return withoutVoids(lines);
}

function wrapLine(raw: string, start: number, width: number): readonly WrappedLine[] {
  const lines: WrappedLine[] = [];
  let text = '';
  let end = start;
  const flush = (): void => {
    lines.push({ text, end });
    text = '';
  };
  for (const [token] of raw.matchAll(/[ \t]+|[^ \t]+/g)) {
    for (const piece of piecesOf(token, width)) {
      if (text !== '' && text.length + piece.text.length > width) flush();
      // A space at which the line was broken needs no place of its own.
      if (!(text === '' && lines.length > 0 && piece.text === ' ')) text += piece.text;
      end += piece.length;
    }
  }
  flush();
  return lines;
}

interface Piece {
  readonly text: string;
  readonly length: number;
}

function piecesOf(token: string, width: number): readonly Piece[] {
  if (/^[ \t]/.test(token)) return [{ text: shownSpace(token), length: token.length }];
  const visible = makeVisibleLines(token);
  return visible.length <= width ? [{ text: visible, length: token.length }] : brokenToken(token, width);
}

function shownSpace(token: string): string {
  return token.length > MAX_SPACES ? ` (${token.length} spaces) ` : token.replaceAll('\t', '    ');
}

/** Breaks between characters, so that no escape and no surrogate pair is torn apart. */
function brokenToken(token: string, width: number): readonly Piece[] {
  const pieces: { text: string; length: number }[] = [];
  for (const character of token) {
    const visible = makeVisibleLines(character);
    const last = pieces.at(-1);
    if (last === undefined || last.text.length + visible.length > width) {
      pieces.push({ text: visible, length: character.length });
    } else {
      last.text += visible;
      last.length += character.length;
    }
  }
  return pieces;
}

function withoutVoids(lines: readonly WrappedLine[]): readonly WrappedLine[] {
  const kept: WrappedLine[] = [];
  for (let index = 0; index < lines.length; ) {
    let next = index;
    while (lines[next]?.text.trim() === '') next += 1;
    const empty = next - index;
    const last = lines[next - 1];
    if (empty > MAX_EMPTY_LINES && last !== undefined) {
      kept.push({ text: `(${empty} empty lines)`, end: last.end });
      index = next;
    } else {
      const one = lines[index];
      if (one !== undefined) kept.push(one);
      index += 1;
    }
  }
  return kept;
}
