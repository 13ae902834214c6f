import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import type { Match } from './finding-of.js';
import { joinParts, type Place, placesOf, wholePart } from './join-parts.js';
import type { SplitRule, TextMatch, TextReading } from './match-text.js';
import type { Rule } from './rule.js';
import type { RulePack } from './rule-pack.js';

/** A string with what was read in it. */
export interface Reading {
  readonly text: Text;
  readonly reading: TextReading;
}

type Failed = Extract<TextMatch, { kind: 'failed' }>;

/** What one rule finds in several strings together. */
export type SplitMatch = { readonly kind: 'match'; readonly rule: Rule; readonly match: Match } | Failed;

/** Strings in a row that are read as one. */
const MAX_PARTS = 3;

/** Parts that stand further from each other are not read as one. */
const MAX_WITHIN = 50;

/**
 * Returns what no string says alone, but several in a row do: the description and those of parameters, or several of these. A model reads
 * them as one text. `isWanted` says which rules are asked.
 */
export function findSplit(
  readings: readonly Reading[],
  pack: RulePack,
  isWanted: (rule: Rule) => boolean,
): readonly SplitMatch[] {
  const possible = possibleRules(
    readings.map(({ reading }) => reading),
    pack,
    isWanted,
  );
  if (possible.length === 0) return [];
  const prose = readings.flatMap(({ text, reading: { groups } }): readonly GroupedText[] =>
    text.role === 'text' && PROSE.test(text.pointer) ? [{ text, groups }] : [],
  );
  const found = new Map<Rule, SplitMatch>();
  for (let first = 0; first + 1 < prose.length; first += 1) {
    const parts = prose.slice(first, first + MAX_PARTS);
    if (parts[0]?.groups.length === 0) continue;
    for (const match of matchTogether(parts, possible, pack)) {
      if (found.has(match.rule)) continue;
      const here = match.kind === 'failed' ? match : atFirst(match, parts[0]?.text);
      if (here !== undefined) found.set(match.rule, here);
    }
  }
  return Array.from(found.values());
}

/** Where people and models expect sentences. */
const PROSE = /\/(?:description|title|default|\$comment)$/;

/** Returns the rules that strings could meet together. Most definitions have not all that any rule needs, wherever it stands. */
export function possibleRules(
  texts: readonly Pick<GroupedText, 'groups'>[],
  pack: RulePack,
  isWanted: (rule: Rule) => boolean,
): readonly SplitRule[] {
  const seen = new Set<number>();
  for (const { groups } of texts) for (const group of groups) seen.add(group);
  return pack.splitRules.filter(
    ({ patternRule, groups }) => groups.every((group) => seen.has(group)) && isWanted(patternRule.rule),
  );
}

/** A string with the groups of rules that have a pattern in it. */
export interface GroupedText {
  readonly text: Text;
  readonly groups: readonly number[];
}

/** What a rule found in parts together. */
export interface FoundTogether {
  readonly kind: 'match';
  readonly rule: Rule;
  /** In the order of the parts. */
  readonly places: readonly Place[];
  /** From the first of them to the last. */
  readonly words: string;
}

/** A rule that could not be run on parts, told at the first of them. */
export type FailedTogether = Failed & { readonly at: Text };

/** Returns what rules find in strings together of which no one has all that the rule needs. */
export function matchTogether(
  parts: readonly GroupedText[],
  possible: readonly SplitRule[],
  pack: RulePack,
): readonly (FoundTogether | FailedTogether)[] {
  const rules = possible.filter((rule) => isSpread(rule, parts));
  const [first] = parts;
  if (first === undefined || rules.length === 0) return [];
  const joined = joinParts(parts.map(({ text }) => wholePart(text)));
  const close = rules.map(({ patternRule }) => ({
    ...patternRule,
    within: Math.min(patternRule.within, MAX_WITHIN),
  }));
  return pack.matchRules(close, joined.text).map((match) =>
    match.kind === 'failed'
      ? { ...match, at: first.text }
      : {
          kind: 'match',
          rule: match.rule,
          places: placesOf(joined, match.span),
          words: joined.text.slice(match.span.start, match.span.end),
        },
  );
}

/** Returns whether the groups of a rule are there, but not all of them in one part. */
export function isSpread(
  { groups }: Pick<SplitRule, 'groups'>,
  parts: readonly Pick<GroupedText, 'groups'>[],
): boolean {
  return (
    groups.every((group) => parts.some((part) => part.groups.includes(group))) &&
    !parts.some((part) => groups.every((group) => part.groups.includes(group)))
  );
}

/** A match is shown where it begins; what begins in a later part is found again in the window that begins there. */
function atFirst({ rule, places, words }: FoundTogether, first: Text | undefined): SplitMatch | undefined {
  const [place] = places;
  if (place === undefined || place.text !== first) return undefined;
  const { text, span } = place;
  const detail = `in parts that stand in several places: ${quote(words, 120)}`;
  return { kind: 'match', rule, match: { pointer: text.pointer, text: text.text, span, detail } };
}
