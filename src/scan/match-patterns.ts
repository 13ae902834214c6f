import type { NormalizedText } from './normalize-text.js';
import type { PatternMatches } from './pattern-index.js';
import type { Span } from './span.js';
import type { PatternRule } from './pattern-rule.js';

/**
 * Returns where a rule matches in one string, as ranges of the original: each match of the first group for which every other group
 * has one close by; the range covers them all. Ranges that overlap become one.
 */
export function matchPatterns(
  { groups, within }: PatternRule,
  matches: PatternMatches,
  { originalSpan }: NormalizedText,
): readonly Span[] {
  if (!groups.every((group) => group.some(matches.isLikely))) return [];
  const found: (readonly Span[])[] = [];
  for (const group of groups) {
    const spans = group.filter(matches.isLikely).flatMap(matches.spansOf);
    if (spans.length === 0) return [];
    found.push(spans);
  }
  const [first = [], ...others] = found;
  const spans = others.reduce((near, candidates) => near.flatMap((span) => joined(span, candidates, within)), first);
  return merge(spans).map(({ start, end }) => originalSpan(start, end));
}

function joined(span: Span, candidates: readonly Span[], within: number): readonly Span[] {
  const near = nearest(span, candidates, within);
  return near === undefined ? [] : [cover(span, near)];
}

function nearest(span: Span, candidates: readonly Span[], within: number): Span | undefined {
  let best: Span | undefined;
  let least = within + 1;
  for (const candidate of candidates) {
    const gap = gapBetween(span, candidate);
    if (gap >= least) continue;
    best = candidate;
    least = gap;
  }
  return best;
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
