import type { Span } from './span.js';

/** Longer sentences are taken in parts, so that a text without full stops is not one. In UTF-16 code units. */
const MAX_SENTENCE = 280;

/** Returns the sentences of a normalised text, in order, without the spaces between. */
export function sentencesOf(text: string): readonly Span[] {
  const ends = Array.from(text.matchAll(END), ({ 0: end, index }) => index + end.length);
  const spans: Span[] = [];
  let start = 0;
  for (const end of [...ends, text.length]) {
    for (; start < end; start = spans.at(-1)?.end ?? end) spans.push({ start, end: partEnd(text, start, end) });
  }
  return spans.filter((span) => span.end - span.start > 1);
}

/** A full stop or the like with a space behind it, or one that needs none; the sign of a list. */
const END = /[.!?;]["')\]]?(?= )|[。！？；]|(?= [-*•] )/g;

function partEnd(text: string, start: number, end: number): number {
  if (end - start <= MAX_SENTENCE) return end;
  const space = text.lastIndexOf(' ', start + MAX_SENTENCE);
  return space > start ? space : start + MAX_SENTENCE;
}
