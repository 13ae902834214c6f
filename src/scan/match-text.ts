import { quote } from '../quote.js';
import type { LearnedModel } from './learned-model.js';
import { createMemory } from './memory.js';
import { matchPatterns } from './match-patterns.js';
import type { PatternIndex, PatternMatches } from './pattern-index.js';
import type { Span } from './span.js';
import type { PatternRule } from './pattern-rule.js';
import type { Rule } from './rule.js';
import type { TextDetector } from './text-detector.js';
import { worstPassage } from './text-features.js';
import { type View, viewsOf } from './views.js';

/** What a rule found in one string, or why it could not be run on it. */
export type TextMatch =
  | { readonly kind: 'match'; readonly rule: Rule; readonly span: Span; readonly detail: string | undefined }
  | { readonly kind: 'failed'; readonly rule: Rule; readonly error: unknown };

/** What was found in one string. */
export interface TextReading {
  readonly matches: readonly TextMatch[];
  /** Numbers of the groups of rules that have a pattern which may match, see {@link splitRules}; the marks of parts are one more. */
  readonly groups: readonly number[];
  /** The passage that looks most like an attack to the learned model; `undefined` where none does. */
  readonly suspicion: Suspicion | undefined;
  /** Whether all of it was looked at: a text with too many disguises within each other is not. */
  readonly isWhole: boolean;
}

/** A passage that weighs more than the model's threshold. */
export interface Suspicion {
  readonly score: number;
  readonly span: Span;
  readonly detail: string | undefined;
}

export type TextMatcher = (text: string) => TextReading;

/** A rule with the code that finds it in one string. */
export interface DetectorRule {
  readonly rule: Rule;
  readonly detect: TextDetector;
  /** Whether it finds something in texts of nothing but printable ASCII, too. */
  readonly readsPlain: boolean;
}

/** What is looked for in a text. */
export interface TextPatterns {
  /** Rules whose condition is code. */
  readonly detectors: readonly DetectorRule[];
  readonly rules: readonly PatternRule[];
  /** Numbers of patterns, by signal. */
  readonly signals: readonly (readonly number[])[];
  /** Numbers of the patterns that mark a text as a part of a longer one. */
  readonly marks: readonly number[];
  readonly search: PatternIndex;
}

/** Findings of one rule in one string; more tell a reader nothing new. */
const MAX_MATCHES = 20;

/** Names, types and whole descriptions come again and again, with every server and every version. The size is in UTF-16 code units. */
const REMEMBERED = { entries: 50_000, size: 8 * 1024 * 1024 };

/** Returns the function that finds in one string what rules with patterns find; it remembers what it was asked lately. */
export function createTextMatcher(patterns: TextPatterns, model: LearnedModel | undefined): TextMatcher {
  const read = createTextReader(patterns, model);
  const memory = createMemory<TextReading>(REMEMBERED);
  return (text) => memory.recall(text) ?? memory.keep(text, read(text), text.length);
}

/** Returns the same function without a memory. */
export function createTextReader(
  { detectors, rules, signals, marks, search }: TextPatterns,
  model: LearnedModel | undefined,
): TextMatcher {
  const candidatesIn = candidateFinder(rules);
  const groupsIn = finderOf([...rules.flatMap(({ groups }) => groups), marks]);
  const signalsIn = finderOf(signals);
  return (text) => {
    // One short word orders nothing.
    if (text.length < MIN_LENGTH && WORD.test(text)) {
      return { matches: detectIn(text, detectors), groups: [], suspicion: undefined, isWhole: true };
    }
    const { views, isWhole: hasAllViews } = viewsOf(text);
    let isWhole = hasAllViews;
    let groups: readonly number[] = [];
    const found = new Map<Rule, readonly TextMatch[]>();
    let suspicion: Suspicion | undefined;
    for (const view of views) {
      const matches = search(view.text);
      if (view.disguise === undefined) groups = groupsIn(matches);
      for (const rule of candidatesIn(matches)) {
        // What the text says as it stands need not be told again of each of its disguises.
        if (found.has(rule.rule)) continue;
        const matched = matchRule(rule, matches, view);
        if (matched.length > 0) found.set(rule.rule, matched);
      }
      // One word is no passage.
      if (model === undefined || WORD.test(view.text)) continue;
      const worst = tryToScore(() => worstPassage(view.text, matches, signals, signalsIn(matches), model.scorer));
      if (worst === 'failed') isWhole = false;
      if (worst === 'failed' || worst === undefined || worst.score < (suspicion?.score ?? -Infinity)) continue;
      const span = view.originalSpan(worst.span.start, worst.span.end);
      suspicion = { score: worst.score, span, detail: detailOf(view) };
    }
    return {
      matches: [...Array.from(found.values()).flat(), ...detectIn(text, detectors)],
      groups,
      suspicion,
      isWhole,
    };
  };
}

/** A text that matches too often to be read was made to be. */
function tryToScore<T>(score: () => T): T | 'failed' {
  try {
    return score();
  } catch {
    // Whatever the reason: the text gets the finding that it was not scanned to its end.
    return 'failed';
  }
}

/** A rule with the numbers of its groups among those of all rules. */
export interface SplitRule {
  readonly patternRule: PatternRule;
  readonly groups: readonly number[];
}

/** Returns the rules that a text in several parts could meet: those with more than one group. */
export function splitRules(rules: readonly PatternRule[]): readonly SplitRule[] {
  let number = 0;
  return rules.flatMap((patternRule) => {
    const groups = patternRule.groups.map(() => number++);
    return groups.length > 1 ? [{ patternRule, groups }] : [];
  });
}

/** Returns the number of the group of marks, see {@link TextReading.groups}. */
export function marksGroup(rules: readonly PatternRule[]): number {
  return rules.reduce((sum, { groups }) => sum + groups.length, 0);
}

const WORD = /^[A-Za-z0-9_.-]*$/;

/** Shorter texts without a space are words, in scripts that have spaces. */
const MIN_LENGTH = 12;

/** Returns the rules whose first group has a pattern that may match, in their order. */
function candidateFinder(rules: readonly PatternRule[]): (matches: PatternMatches) => readonly PatternRule[] {
  const find = finderOf(rules.map(({ groups }) => groups[0] ?? []));
  return (matches) =>
    find(matches)
      .toSorted((a, b) => a - b)
      .flatMap((place) => rules[place] ?? []);
}

/** Returns the places of the lists that have a pattern which may match, each once. */
function finderOf(lists: readonly (readonly number[])[]): (matches: PatternMatches) => readonly number[] {
  const byPattern: number[][] = [];
  for (const [place, patterns] of lists.entries())
    for (const pattern of patterns) (byPattern[pattern] ??= []).push(place);
  return ({ likely }) => {
    if (likely.length === 0) return [];
    const places = new Set<number>();
    for (const pattern of likely) for (const place of byPattern[pattern] ?? []) places.add(place);
    return Array.from(places);
  };
}

const PLAIN = /^[\t\n\r -~]*$/;

/** Returns what is hidden in a string. */
export function detectIn(text: string, detectors: readonly DetectorRule[]): readonly TextMatch[] {
  const isPlain = PLAIN.test(text);
  return detectors.flatMap(({ rule, detect, readsPlain }): readonly TextMatch[] => {
    if (isPlain && !readsPlain) return [];
    try {
      return detect(text)
        .slice(0, MAX_MATCHES)
        .map((found) => ({ kind: 'match', rule, ...found }));
    } catch (error) {
      return [{ kind: 'failed', rule, error }];
    }
  });
}

function detailOf({ disguise, text }: View): string | undefined {
  return disguise === undefined ? undefined : `written ${disguise}: ${quote(text, 120)}`;
}

/** Returns what a rule finds in one way to read a text. */
export function matchRule(rule: PatternRule, matches: PatternMatches, view: View): readonly TextMatch[] {
  try {
    return matchPatterns(rule, matches, view)
      .slice(0, MAX_MATCHES)
      .map((span) => ({ kind: 'match', rule: rule.rule, span, detail: detailOf(view) }));
  } catch (error) {
    // A rule that fails on a text must not be silent about it: the text may be made to make it fail.
    return [{ kind: 'failed', rule: rule.rule, error }];
  }
}
