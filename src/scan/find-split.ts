import { quote } from '../quote.js';
import type { Text } from './collect-texts.js';
import type { Match } from './finding-of.js';
import type { SplitRule, TextMatch, TextReading } from './match-text.js';
import type { Rule } from './rule.js';
import type { RulePack } from './rule-pack.js';

/** A string with what was read in it. */
export interface Reading {
  readonly text: Text;
  readonly reading: TextReading;
}

/** What one rule finds in several strings together. */
export type SplitMatch =
  | { readonly kind: 'match'; readonly rule: Rule; readonly match: Match }
  | Extract<TextMatch, { kind: 'failed' }>;

/** Strings in a row that are read as one. */
const MAX_PARTS = 3;

/** What is read of the first and the last of them. */
const EDGE = 300;

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
  const wanted = pack.splitRules.filter(({ patternRule }) => isWanted(patternRule.rule));
  const seen = groupsIn(readings);
  // Most definitions have not all that any rule needs, wherever it stands.
  const possible = wanted.filter(({ groups }) => groups.every((group) => seen.has(group)));
  if (possible.length === 0) return [];
  const prose = readings.filter(({ text }) => text.role === 'text' && PROSE.test(text.pointer));
  const found = new Map<Rule, SplitMatch>();
  for (let first = 0; first + 1 < prose.length; first += 1) {
    if (prose[first]?.reading.groups.length === 0) continue;
    const parts = prose.slice(first, first + MAX_PARTS);
    if (!parts.some(({ reading }, place) => place > 0 && reading.groups.length > 0)) continue;
    const rules = possible
      .filter((rule) => isSpread(rule, parts) && !found.has(rule.patternRule.rule))
      .map(({ patternRule }) => ({ ...patternRule, within: Math.min(patternRule.within, MAX_WITHIN) }));
    if (rules.length === 0) continue;
    const window = join(parts.map(({ text }) => text));
    for (const match of pack.matchRules(rules, window.text)) {
      // What begins in a later part is found again in the window that begins there.
      const isHere = match.kind === 'failed' || match.span.start < window.firstEnd;
      if (isHere && !found.has(match.rule)) found.set(match.rule, placed(match, window));
    }
  }
  return Array.from(found.values());
}

function groupsIn(readings: readonly Reading[]): ReadonlySet<number> {
  const groups = new Set<number>();
  for (const { reading } of readings) for (const group of reading.groups) groups.add(group);
  return groups;
}

/** Where people and models expect sentences. */
const PROSE = /\/(?:description|title|default|\$comment)$/;

/** Whether the groups of a rule are there, but not all of them in one part. */
function isSpread({ groups }: SplitRule, parts: readonly Reading[]): boolean {
  return (
    groups.every((group) => parts.some(({ reading }) => reading.groups.includes(group))) &&
    !parts.some(({ reading }) => groups.every((group) => reading.groups.includes(group)))
  );
}

/** Strings joined to one, the first and the last of them cut. */
interface Window {
  readonly text: string;
  readonly first: Text;
  /** How much of the first string is not in it, and where in it the first string ends. */
  readonly cut: number;
  readonly firstEnd: number;
}

function join(texts: readonly Text[]): Window {
  const [first = { pointer: '', text: '', role: 'text' }, ...others] = texts;
  const cut = Math.max(0, first.text.length - EDGE);
  const rest = others.map(({ text }, place) => (place === others.length - 1 ? text.slice(0, EDGE) : text));
  return { text: [first.text.slice(cut), ...rest].join(' '), first, cut, firstEnd: first.text.length - cut };
}

/** A match that begins in the first string is shown there; what stands in others is in its detail. */
function placed(match: TextMatch, { text, first, cut, firstEnd }: Window): SplitMatch {
  if (match.kind === 'failed') return match;
  const { start, end } = match.span;
  const span = { start: start + cut, end: Math.min(end, firstEnd) + cut };
  const detail = `in parts that stand in several places: ${quote(text.slice(start, end), 120)}`;
  return { kind: 'match', rule: match.rule, match: { pointer: first.pointer, text: first.text, span, detail } };
}
