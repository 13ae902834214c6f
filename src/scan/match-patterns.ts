import type { RE2JS } from 're2js';

import type { NormalizedText } from './normalize-text.js';
import type { PatternGroup, PatternRule } from './rule-pack.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** So many matches of one pattern in one string are no text; how they lie to each other is a matter of the square of their number. */
const MAX_CANDIDATES = 1_000;

/**
 * Returns where a rule matches in one string, as ranges of the original: each match of the first group for which every other group
 * has one close by; the range covers them all. Ranges that overlap become one.
 */
export function matchPatterns({ groups, within }: PatternRule, normalized: NormalizedText): readonly Span[] {
  const { text } = normalized;
  // All groups are asked first, since asking costs little; where the matches are is found out only if every group has one.
  const selected = selectAll(groups, text);
  if (selected === undefined) return [];
  const [first = [], ...others] = selected.map((expressions) => findAll(expressions, text));
  const spans = others.reduce((found, candidates) => found.flatMap((span) => joined(span, candidates, within)), first);
  return merge(spans).map(({ start, end }) => normalized.originalSpan(start, end));
}

/** Returns whether every group of a rule has a match somewhere in a text. */
export function mayMatch({ groups }: PatternRule, text: string): boolean {
  return selectAll(groups, text) !== undefined;
}

function selectAll(groups: readonly PatternGroup[], text: string): readonly (readonly RE2JS[])[] | undefined {
  const selected: (readonly RE2JS[])[] = [];
  for (const group of groups) {
    const expressions = group(text);
    if (expressions.length === 0) return undefined;
    selected.push(expressions);
  }
  return selected;
}

function joined(span: Span, candidates: readonly Span[], within: number): readonly Span[] {
  const near = nearest(span, candidates, within);
  return near === undefined ? [] : [cover(span, near)];
}

function findAll(expressions: readonly RE2JS[], text: string): readonly Span[] {
  return expressions.flatMap((expression) => {
    const spans: Span[] = [];
    const matcher = expression.matcher(text);
    while (matcher.find()) {
      // Not cut off silently: matches that mean nothing could stand before the one that does.
      if (spans.length === MAX_CANDIDATES) throw new Error(`one pattern matches more than ${MAX_CANDIDATES} times`);
      if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end() });
    }
    return spans;
  });
}

function nearest(span: Span, candidates: readonly Span[], within: number): Span | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, gap: gapBetween(span, candidate) }))
    .filter(({ gap }) => gap <= within)
    .sort((a, b) => a.gap - b.gap);
  return near[0]?.candidate;
}

function gapBetween(a: Span, b: Span): number {
  return Math.max(0, b.start - a.end, a.start - b.end);
}

function cover(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

function merge(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && span.start < last.end) merged[merged.length - 1] = cover(last, span);
    else merged.push(span);
  }
  return merged;
}
