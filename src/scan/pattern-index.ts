import { RE2JS } from 're2js';

import { indexLiterals } from './literal-index.js';
import { foldPattern } from './normalize-text.js';
import { type Edges, patternParts, type PhrasePair } from './pattern-parts.js';

/** A half-open range of a text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where patterns match in one normalised text. */
export interface PatternMatches {
  /** The patterns that may match. */
  readonly likely: readonly number[];
  /** Returns whether a pattern may match; what it says no to does not. */
  readonly isLikely: (pattern: number) => boolean;
  /**
   * Returns where a pattern matches.
   *
   * @throws {Error} where it matches too often.
   */
  readonly spansOf: (pattern: number) => readonly Span[];
}

/** Returns where patterns match in a text: one linear pass for all, then the expressions that may have a match. */
export type PatternIndex = (text: string) => PatternMatches;

/**
 * So many matches of one pattern in one string are no text; how they lie to each other is a matter of the square of their number.
 * They are not cut off silently: matches that mean nothing could stand before the one that does.
 */
const MAX_SPANS = 1_000;

/** Returns the index of re2 patterns; the number of one is its place. It is built when it is first asked. */
export function indexPatterns(sources: readonly string[]): PatternIndex {
  let built: PatternIndex | undefined;
  return (text) => {
    built ??= buildIndex(sources.map(compile));
    return built(text);
  };
}

interface Compiled {
  readonly edges: Edges;
  readonly phrases: readonly string[];
  readonly pairs: readonly { readonly pair: PhrasePair; readonly gap: () => RE2JS }[];
  readonly expressions: readonly { readonly needs: readonly (readonly string[])[]; readonly run: () => RE2JS }[];
}

function compile(source: string): Compiled {
  const { edges, phrases, pairs, expressions } = patternParts(foldPattern(source));
  return {
    edges,
    phrases,
    pairs: pairs.map((pair) => ({ pair, gap: compiledOnce(pair.gap) })),
    expressions: expressions.map(({ needs, source: run }) => ({ needs, run: compiledOnce(run) })),
  };
}

/** Most expressions are never run in the life of a command. */
function compiledOnce(source: string): () => RE2JS {
  let compiled: RE2JS | undefined;
  return () => {
    compiled ??= RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
    return compiled;
  };
}

/** What a literal stands for: a match by itself, the start or end of a pair, or a hint that an expression is to be run. */
interface Use {
  readonly kind: 'phrase' | 'start' | 'end' | 'hint';
  readonly pattern: number;
  /** Which pair or expression of the pattern. */
  readonly part: number;
  /** Which set of what the expression needs. */
  readonly set: number;
  /** Whether a word has to begin at its first letter, and to end at its last. */
  readonly isWordStart: boolean;
  readonly isWordEnd: boolean;
}

/** What the one pass over a text found of one pattern. */
interface Hits {
  phrases: Span[] | undefined;
  /** By pair. */
  starts: Map<number, Span[]> | undefined;
  ends: Map<number, Span[]> | undefined;
  /** By expression, the sets that have a text in it, as bits. */
  hints: Map<number, number> | undefined;
}

function buildIndex(patterns: readonly Compiled[]): PatternIndex {
  const { literals, uses } = literalsOf(patterns);
  const index = indexLiterals(literals);
  const isPlain = literals.map((literal) => /^[ -~]*$/.test(literal));
  const always = patterns.flatMap(({ expressions }, pattern) =>
    expressions.flatMap(({ needs }, part) => (needs.length === 0 ? [{ pattern, part }] : [])),
  );
  return (text) => {
    const hits = new Map<number, Hits>();
    for (const { pattern, part } of always) note(hits, { kind: 'hint', pattern, part, set: 0 }, { start: 0, end: 0 });
    index.search(text, (number, end) => {
      const literal = literals[number] ?? '';
      const span = { start: end - literal.length, end };
      // Letters of ASCII are told apart by the index; only where others stand has it to be looked.
      if (isPlain[number] !== true && text.slice(span.start, end).toLowerCase() !== literal) return;
      const before = isWordUnit(text.charCodeAt(span.start - 1));
      const after = isWordUnit(text.charCodeAt(end));
      for (const use of uses[number] ?? []) {
        if (!(use.isWordStart && before) && !(use.isWordEnd && after)) note(hits, use, span);
      }
    });
    const found = new Map<number, readonly Span[]>();
    const spansOf = (pattern: number): readonly Span[] => {
      const known = found.get(pattern);
      if (known !== undefined) return known;
      const spans = matchesOf(text, patterns[pattern], hits.get(pattern));
      found.set(pattern, spans);
      return spans;
    };
    const likely = new Set<number>();
    for (const [pattern, own] of hits) if (isLikely(patterns[pattern], own)) likely.add(pattern);
    return { likely: Array.from(likely), isLikely: (pattern) => likely.has(pattern), spansOf };
  };
}

function note(
  hits: Map<number, Hits>,
  { kind, pattern, part, set }: Pick<Use, 'kind' | 'pattern' | 'part' | 'set'>,
  span: Span,
): void {
  let own = hits.get(pattern);
  if (own === undefined) {
    own = { phrases: undefined, starts: undefined, ends: undefined, hints: undefined };
    hits.set(pattern, own);
  }
  switch (kind) {
    case 'phrase':
      if (own.phrases === undefined) own.phrases = [span];
      else own.phrases.push(span);
      return;
    case 'start':
      own.starts ??= new Map();
      push(own.starts, part, span);
      return;
    case 'end':
      own.ends ??= new Map();
      push(own.ends, part, span);
      return;
    case 'hint':
      own.hints ??= new Map();
      own.hints.set(part, (own.hints.get(part) ?? 0) | (1 << set));
      return;
  }
}

function isLikely(pattern: Compiled | undefined, hits: Hits | undefined): boolean {
  if (pattern === undefined || hits === undefined) return false;
  if (hits.phrases !== undefined) return true;
  for (const [part, seen] of hits.hints ?? []) if (hasAll(pattern, part, seen)) return true;
  if (hits.starts === undefined || hits.ends === undefined) return false;
  for (const part of hits.starts.keys()) if (hits.ends.has(part)) return true;
  return false;
}

/** Whether every set that an expression needs has a text that stands there. */
function hasAll({ expressions }: Compiled, part: number, seen: number): boolean {
  const sets = expressions[part]?.needs.length ?? 0;
  return sets === 0 || seen === (1 << sets) - 1;
}

function matchesOf(text: string, pattern: Compiled | undefined, hits: Hits | undefined): readonly Span[] {
  if (pattern === undefined || hits === undefined) return [];
  const { phrases = [], starts, ends, hints } = hits;
  const spans = [
    ...phrases,
    ...Array.from(starts ?? []).flatMap(([part, from]) =>
      joinedPairs(text, pattern.pairs[part]?.gap, from, ends?.get(part) ?? []),
    ),
    ...Array.from(hints ?? []).flatMap(([part, seen]) =>
      hasAll(pattern, part, seen) ? findAll(pattern.expressions[part]?.run(), text) : [],
    ),
  ];
  if (spans.length > MAX_SPANS) throw new Error(`one pattern matches more than ${MAX_SPANS} times`);
  return spans;
}

/** What lies between the two texts of a pair is at most so long. */
const MAX_GAP = 240;

/** For each start the nearest end that the gap allows, of the first few. */
const MAX_ENDS = 8;

function joinedPairs(
  text: string,
  gap: (() => RE2JS) | undefined,
  starts: readonly Span[],
  ends: readonly Span[],
): readonly Span[] {
  if (gap === undefined || ends.length === 0) return [];
  if (starts.length > MAX_SPANS) throw new Error(`one pattern matches more than ${MAX_SPANS} times`);
  return starts.flatMap(({ start, end }) => {
    const first = firstFrom(ends, end);
    for (const near of ends.slice(first, first + MAX_ENDS)) {
      if (near.start - end > MAX_GAP) break;
      if (gap().matches(text.slice(end, near.start))) return [{ start, end: near.end }];
    }
    return [];
  });
}

/** The place of the first span that starts at or after a place; spans are in the order of their ends, and so nearly of their starts. */
function firstFrom(spans: readonly Span[], place: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((spans[middle]?.start ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Literals {
  readonly literals: readonly string[];
  /** By literal. */
  readonly uses: readonly (readonly Use[])[];
}

function literalsOf(patterns: readonly Compiled[]): Literals {
  const uses = new Map<string, Use[]>();
  for (const [pattern, { edges, phrases, pairs, expressions }] of patterns.entries()) {
    const use = (kind: Use['kind'], part: number, set = 0): Use => ({
      kind,
      pattern,
      part,
      set,
      isWordStart: edges.start && (kind === 'phrase' || kind === 'start'),
      isWordEnd: edges.end && (kind === 'phrase' || kind === 'end'),
    });
    for (const phrase of phrases) push(uses, phrase, use('phrase', 0));
    for (const [part, { pair }] of pairs.entries()) {
      for (const start of pair.starts) push(uses, start, use('start', part));
      for (const end of pair.ends) push(uses, end, use('end', part));
    }
    for (const [part, { needs }] of expressions.entries()) {
      for (const [set, needed] of needs.entries()) {
        for (const literal of needed) push(uses, literal, use('hint', part, set));
      }
    }
  }
  return { literals: [...uses.keys()], uses: [...uses.values()] };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** As `\b` has it: letters, digits and underscores of ASCII. */
function isWordUnit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}

function findAll(expression: RE2JS | undefined, text: string): readonly Span[] {
  const spans: Span[] = [];
  if (expression === undefined) return spans;
  const matcher = expression.matcher(text);
  while (spans.length <= MAX_SPANS && matcher.find()) {
    if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end() });
  }
  return spans;
}
