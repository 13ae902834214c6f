import { RE2JS } from 're2js';

import { type HitLists, hitLists } from './hit-lists.js';
import { indexLiterals } from './literal-index.js';
import { foldPattern } from './normalize-text.js';
import { type Edges, type Need, patternParts, type PhrasePair } from './pattern-parts.js';
import type { Span } from './span.js';

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
    built ??= buildIndex(sources);
    return built(text);
  };
}

/** A part of a pattern is known by the slots in which the pass over a text notes where its literals stand. */
interface Compiled {
  readonly phrases: number | undefined;
  readonly pairs: readonly (Gap & { readonly starts: number; readonly ends: number })[];
  readonly expressions: readonly {
    readonly needs: readonly NeededSlot[];
    readonly run: () => RE2JS;
  }[];
}

/** What may stand between the two texts of a pair, and how long it is at most, in UTF-16 code units. */
interface Gap {
  readonly gap: () => RE2JS;
  /** The gap with any of the ends. */
  readonly rest: () => RE2JS;
  readonly reach: number;
}

/** A slot in which a place has to be, for the expression to match around it. */
interface NeededSlot extends Pick<Need, 'before' | 'after'> {
  readonly slot: number;
}

/** Where the literals stand that a pattern is made of. */
interface Hits {
  readonly phrases: readonly Span[];
  readonly pairs: readonly (Gap & { readonly starts: readonly Span[]; readonly ends: readonly Span[] })[];
  readonly expressions: readonly {
    readonly run: () => RE2JS;
    /** One of these stands in every match, which reaches so far; `undefined`: nothing is known. */
    readonly around: (Pick<Need, 'before' | 'after'> & { readonly spans: readonly Span[] }) | undefined;
  }[];
}

function buildIndex(sources: readonly string[]): PatternIndex {
  const { patterns, slotCount, chances, literals, uses } = compileAll(sources);
  const index = indexLiterals(literals);
  const lengths = Uint16Array.from(literals, ({ length }) => length);
  const always = patterns.flatMap(({ expressions }, pattern) =>
    expressions.some(({ needs }) => needs.length === 0) ? [pattern] : [],
  );
  const lists = hitLists(slotCount);
  return (text) => {
    lists.clear();
    const places = index.search(text);
    for (let at = 0; at < places.length; at += 2) {
      const number = places[at] ?? 0;
      const start = places[at + 1] ?? 0;
      const end = start + (lengths[number] ?? 0);
      const use = uses[number];
      if (use === undefined) continue;
      const { slots, edges } = use;
      // What stands within a word, as bits: its start, its end.
      let within = 0;
      if (use.hasEdges) {
        if (isWordUnit(text.charCodeAt(start - 1))) within |= WORD_START;
        if (isWordUnit(text.charCodeAt(end))) within |= WORD_END;
      }
      for (let each = 0; each < slots.length; each += 1) {
        if (((edges[each] ?? 0) & within) === 0) lists.add(slots[each] ?? 0, start, end);
      }
    }
    const hits = new Map<number, Hits>();
    const note = (number: number): void => {
      const pattern = patterns[number];
      if (pattern !== undefined && !hits.has(number)) hits.set(number, hitsOf(pattern, lists));
    };
    for (const pattern of always) note(pattern);
    for (const slot of lists.slots()) {
      for (const { pattern, other } of chances[slot] ?? []) {
        if (other === undefined || lists.countOf(other) > 0) note(pattern);
      }
    }
    const found = new Map<number, readonly Span[]>();
    const spansOf = (pattern: number): readonly Span[] => {
      const known = found.get(pattern);
      if (known !== undefined) return known;
      const spans = matchesOf(text, hits.get(pattern));
      found.set(pattern, spans);
      return spans;
    };
    return { likely: Array.from(hits.keys()), isLikely: (pattern) => hits.has(pattern), spansOf };
  };
}

/** What the lists hold of one pattern. */
function hitsOf({ phrases, pairs, expressions }: Compiled, lists: HitLists): Hits {
  const has = (slot: number): boolean => lists.countOf(slot) > 0;
  const ownPairs = pairs.filter(({ starts, ends }) => has(starts) && has(ends));
  const ownExpressions = expressions.filter(({ needs }) => needs.every(({ slot }) => has(slot)));
  return {
    phrases: phrases === undefined ? [] : lists.spansOf(phrases),
    pairs: ownPairs.map((pair) => ({ ...pair, starts: lists.spansOf(pair.starts), ends: lists.spansOf(pair.ends) })),
    expressions: ownExpressions.map(({ needs, run }) => {
      const [best] = needs.toSorted((a, b) => toRead(a, lists) - toRead(b, lists));
      return { run, around: best === undefined ? undefined : { ...best, spans: lists.spansOf(best.slot) } };
    }),
  };
}

/** How much has to be read around the places in a slot, at most. */
function toRead({ slot, before, after }: NeededSlot, lists: HitLists): number {
  return lists.countOf(slot) * (before + after);
}

function matchesOf(text: string, hits: Hits | undefined): readonly Span[] {
  if (hits === undefined) return [];
  const { phrases, pairs, expressions } = hits;
  const spans = [
    ...phrases,
    ...pairs.flatMap((pair) => joinedPairs(text, pair)),
    ...expressions.flatMap(({ run, around }) => findAll(run(), text, windowsOf(text, around))),
  ];
  if (spans.length > MAX_SPANS) throw new Error(`one pattern matches more than ${MAX_SPANS} times`);
  return spans;
}

/** The parts of a text in which an expression can match, in order; they do not overlap. */
function windowsOf(text: string, around: Hits['expressions'][number]['around']): readonly Span[] {
  if (around === undefined) return [{ start: 0, end: text.length }];
  const windows: Span[] = [];
  const { spans, before, after } = around;
  for (const { start, end } of spans) {
    const window = {
      start: startOfWord(text, Math.max(0, start - before)),
      end: endOfWord(text, Math.min(text.length, end + after)),
    };
    const last = windows.at(-1);
    if (last !== undefined && window.start <= last.end) {
      windows[windows.length - 1] = { start: last.start, end: Math.max(last.end, window.end) };
    } else windows.push(window);
  }
  return windows;
}

/** No word begins or ends where a text was cut. */
function startOfWord(text: string, place: number): number {
  let start = place;
  while (start > 0 && isWordUnit(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function endOfWord(text: string, place: number): number {
  let end = place;
  while (end < text.length && isWordUnit(text.charCodeAt(end))) end += 1;
  return end;
}

/** The longest end. */
const MAX_END = 200;

/** For each start the nearest end that the gap allows, of the first few. */
const MAX_ENDS = 8;

function joinedPairs(text: string, { gap, rest, reach, starts, ends }: Hits['pairs'][number]): readonly Span[] {
  if (starts.length > MAX_SPANS) throw new Error(`one pattern matches more than ${MAX_SPANS} times`);
  return starts.flatMap(({ start, end }) => {
    const first = firstFrom(ends, end);
    for (const near of ends.slice(first, first + MAX_ENDS)) {
      if (near.start - end > reach) return [];
      if (gap().matches(text.slice(end, near.start))) return [{ start, end: near.end }];
    }
    // Attack: decoys before the end that counts.
    const further = ends[first + MAX_ENDS];
    if (further === undefined || further.start - end > reach) return [];
    const found = rest().matcher(text.slice(end, endOfWord(text, end + reach + MAX_END)));
    return found.lookingAt() ? [{ start, end: end + found.end() }] : [];
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

/** Where a literal has to stand, as bits: a word has to begin at its first letter, or end at its last. */
const WORD_START = 1;
const WORD_END = 2;

/** The slots of a literal, and for each where it has to stand. */
interface Uses {
  readonly slots: readonly number[];
  readonly edges: readonly number[];
  readonly hasEdges: boolean;
}

/** A pattern may match where a slot has a place, and the other slot too. */
interface Chance {
  readonly pattern: number;
  readonly other: number | undefined;
}

interface CompiledPatterns {
  readonly patterns: readonly Compiled[];
  readonly slotCount: number;
  /** By slot. */
  readonly chances: readonly (readonly Chance[])[];
  readonly literals: readonly string[];
  /** By literal. */
  readonly uses: readonly Uses[];
}

function compileAll(sources: readonly string[]): CompiledPatterns {
  const chances: Chance[][] = [];
  const slotsOf = new Map<string, { readonly slot: number; readonly edges: Edges }[]>();
  const slotFor = (texts: readonly string[], edges: Edges): number => {
    const slot = chances.push([]) - 1;
    for (const text of texts) push(slotsOf, text, { slot, edges });
    return slot;
  };
  const patterns = sources.map((source, pattern): Compiled => {
    const { edges, ...parts } = patternParts(foldPattern(source));
    const chance = (slot: number, other: number | undefined): void => void chances[slot]?.push({ pattern, other });
    const phrases = parts.phrases.length === 0 ? undefined : slotFor(parts.phrases, edges);
    if (phrases !== undefined) chance(phrases, undefined);
    const pairs = parts.pairs.map((pair) => {
      const starts = slotFor(pair.starts, { start: edges.start, end: false });
      const ends = slotFor(pair.ends, { start: false, end: edges.end });
      chance(ends, starts);
      return { starts, ends, gap: compiledOnce(pair.gap), rest: compiledOnce(restOf(pair, edges)), reach: pair.reach };
    });
    const expressions = parts.expressions.map(({ needs: sets, source: run }) => {
      const needs = sets.map(({ texts, before, after }) => ({
        slot: slotFor(texts, { start: false, end: false }),
        before,
        after,
      }));
      const [first, second] = needs;
      if (first !== undefined) chance(first.slot, second?.slot);
      return { needs, run: compiledOnce(run) };
    });
    return { phrases, pairs, expressions };
  });
  const literals = [...slotsOf.keys()];
  return { patterns, slotCount: chances.length, chances, literals, uses: Array.from(slotsOf.values(), usesOf) };
}

function restOf({ gap, ends }: PhrasePair, { end }: Edges): string {
  return `(?:${gap})(?:${ends.map((text) => RE2JS.quote(text)).join('|')})${end ? '\\b' : ''}`;
}

function usesOf(slots: readonly { readonly slot: number; readonly edges: Edges }[]): Uses {
  const edges = slots.map((one) => (one.edges.start ? WORD_START : 0) | (one.edges.end ? WORD_END : 0));
  return { slots: slots.map(({ slot }) => slot), edges, hasEdges: edges.some((edge) => edge !== 0) };
}

/** Most expressions are never run in the life of a command. */
function compiledOnce(source: string): () => RE2JS {
  let compiled: RE2JS | undefined;
  return () => {
    compiled ??= RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
    return compiled;
  };
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

/** Before a window stands what stands there; behind it the text ends. */
function findAll(expression: RE2JS, text: string, windows: readonly Span[]): readonly Span[] {
  const spans: Span[] = [];
  for (const { start, end } of windows) {
    if (!expression.test(text.slice(start, end))) continue;
    const matcher = expression.matcher(end === text.length ? text : text.slice(0, end));
    for (let isFound = matcher.find(start); isFound && spans.length <= MAX_SPANS; isFound = matcher.find()) {
      if (matcher.end() > matcher.start()) spans.push({ start: matcher.start(), end: matcher.end() });
    }
  }
  return spans;
}
