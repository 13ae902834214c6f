import type { Text } from './collect-texts.js';
import type { Span } from './span.js';

/** A string, or a stretch of one, that is read together with others. */
export interface Part {
  readonly text: Text;
  readonly from: number;
  readonly to: number;
}

/** Parts as one text. */
export interface Joined {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

/** Where in the joined text a part lies, and how much further to the right it stands in its own string. */
interface Piece extends Span {
  readonly of: Text;
  readonly moved: number;
}

/** A range of a string. */
export interface Place {
  readonly text: Text;
  readonly span: Span;
}

/** What is read of the first and of the last part. */
export const EDGE = 300;

/** Returns a string as a part. */
export function wholePart(text: Text): Part {
  return { text, from: 0, to: text.text.length };
}

/** Returns two parts or more with spaces between: of the first its end, of the last its beginning, of the others all. */
export function joinParts(parts: readonly Part[]): Joined {
  const pieces: Piece[] = [];
  const texts: string[] = [];
  let at = 0;
  for (const [place, { text, from, to }] of parts.entries()) {
    const start = place === 0 ? Math.max(from, to - EDGE) : from;
    const end = place === parts.length - 1 ? Math.min(to, from + EDGE) : to;
    texts.push(text.text.slice(start, end));
    pieces.push({ of: text, start: at, end: at + end - start, moved: start - at });
    at += end - start + 1;
  }
  return { text: texts.join(' '), pieces };
}

/** Returns what of a range of the joined text lies in each part; parts that have nothing of it are left out. */
export function placesOf({ pieces }: Joined, { start, end }: Span): readonly Place[] {
  return pieces.flatMap((piece) => {
    const span = { start: Math.max(start, piece.start) + piece.moved, end: Math.min(end, piece.end) + piece.moved };
    return span.start < span.end ? [{ text: piece.of, span }] : [];
  });
}
