import type { Span } from './span.js';

/**
 * Returns the function that says whether a part of a text is mentioned rather than said: it stands in quotation marks, in code, in a
 * block quote. An article about an attack shows it like that; so may an attacker, for which reason a mention is not nothing.
 *
 * Straight quotation marks count unless the text is JSON, where every string has them.
 */
export function mentionsIn(text: string): (span: Span) => boolean {
  let ranges: readonly Span[] | undefined;
  return ({ start, end }) => {
    ranges ??= mentionedIn(text);
    const range = lastFrom(ranges, start);
    return range !== undefined && range.start <= start && end <= range.end;
  };
}

/** The last range that begins at or before a place; ranges are in order and do not overlap. */
function lastFrom(ranges: readonly Span[], place: number): Span | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ranges[middle]?.start ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return ranges[low - 1];
}

function mentionedIn(text: string): readonly Span[] {
  const isJson = /^\s*[[{]/.test(text);
  const patterns = [...ALWAYS, ...(isJson ? IN_JSON : IN_PROSE)];
  return merge([
    ...patterns.flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ({ 0: { length }, index }) => spanOf(index, length)),
    ),
    ...fences(text),
    ...elements(text),
  ]);
}

function merge(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start < last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    } else merged.push({ start, end });
  }
  return merged;
}

function spanOf(start: number, length: number): Span {
  return { start, end: start + length };
}

// Each class excludes what begins a match, or is bounded, so that beginnings without an end cost no square.
const ALWAYS: readonly RegExp[] = [
  /`[^`\n]{1,500}`/g,
  /“[^“”\n]{1,500}”/g,
  /«[^«»\n]{1,500}»/g,
  /„[^„“\n]{1,500}“/g,
  /「[^「」\n]{1,500}」/g,
];
const IN_PROSE: readonly RegExp[] = [/"[^"\n]{1,500}"/g, /(?<!\w)'[^'\n]{1,500}'(?!\w)/g, /^[ \t]{0,8}>[^\n]*/gm];
const IN_JSON: readonly RegExp[] = [/\\"[^"\\\n]{1,500}\\"/g];

const FENCE = /^[ \t]{0,8}(```|~~~)/gm;

/** From one fence to the next of its kind; one that is not closed goes to the end. */
function fences(text: string): readonly Span[] {
  const spans: Span[] = [];
  let open: { readonly mark: string; readonly start: number } | undefined;
  for (const { 1: mark = '', index } of text.matchAll(FENCE)) {
    if (open === undefined) open = { mark, start: index };
    else if (open.mark === mark) {
      spans.push({ start: open.start, end: index });
      open = undefined;
    }
  }
  return open === undefined ? spans : [...spans, { start: open.start, end: text.length }];
}

const ELEMENT = /<(\/?)(code|pre|blockquote|q|kbd|samp)\b/gi;

function elements(text: string): readonly Span[] {
  const spans: Span[] = [];
  const open = new Map<string, number>();
  for (const { 1: slash, 2: tag = '', index } of text.matchAll(ELEMENT)) {
    const name = tag.toLowerCase();
    const start = open.get(name);
    if (slash === '') open.set(name, start ?? index);
    else if (start !== undefined) {
      spans.push({ start, end: index });
      open.delete(name);
    }
  }
  return spans;
}
