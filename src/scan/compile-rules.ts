import { createHash } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import { type ContextDetector, DETECTOR_OF } from './detectors.js';
import { type LearnedModel, parseModel } from './learned-model.js';
import { createMemory } from './memory.js';
import {
  createTextMatcher,
  createTextReader,
  detectIn,
  type DetectorRule,
  marksGroup,
  matchRule,
  splitRules,
} from './match-text.js';
import { normalizeText } from './normalize-text.js';
import { PART_MARK } from './part-marks.js';
import { indexPatterns, type PatternIndex, type PatternMatches } from './pattern-index.js';
import type { PatternRule } from './pattern-rule.js';
import type { RulePack } from './rule-pack.js';
import type { Signal } from './parse-signal.js';
import type { Rule } from './rule.js';
import { passagesOf } from './text-features.js';
import { type View, viewsOf } from './views.js';

/** Goes up when the engine finds something else with the same rules, so that everything is evaluated anew. */
export const ENGINE_VERSION = 4;

/**
 * Returns rules ready to run, with the signals that they combine.
 *
 * @throws {SealwatchError} `RULE_INVALID` where two rules or two signals have one id, or a rule names a signal that is not there; or the
 * learned model was trained with other signals.
 */
export function compileRules(rules: readonly Rule[], signals: readonly Signal[] = [], modelText?: string): RulePack {
  refuseDuplicates('rules', rules);
  refuseDuplicates('signals', signals);
  const ordered = rules.toSorted(byId);
  const named = signals.toSorted(byId);
  const model =
    modelText === undefined
      ? undefined
      : parseModel(
          modelText,
          named.map(({ id }) => id),
        );
  return {
    digest: digestOf(ordered, named, modelText),
    rules: ordered,
    signals: named,
    memory: createMemory(REMEMBERED),
    ...matcherFor(
      ordered.filter(({ scope }) => scope.includes('definition')),
      named,
      model,
    ),
    ...outputReaderFor(
      ordered.filter(({ scope }) => scope.includes('output')),
      named,
    ),
  };
}

/** Definitions, with the number of their findings and one. */
const REMEMBERED = { entries: 20_000, size: 40_000 };

/** Strings in a row, in UTF-16 code units. */
const REMEMBERED_WINDOWS = { entries: 2_000, size: 1024 * 1024 };

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function refuseDuplicates(what: string, all: readonly { readonly id: string }[]): void {
  const ids = all.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new SealwatchError('RULE_INVALID', `two ${what} have the id ${twice}`);
}

function matcherFor(
  rules: readonly Rule[],
  signals: readonly Signal[],
  model: LearnedModel | undefined,
): Pick<
  RulePack,
  'matchText' | 'detectIn' | 'contextRules' | 'splitRules' | 'marksGroup' | 'matchRules' | 'passagesOf'
> {
  const { sources, numbers, patternRules } = numberPatterns(rules, signals);
  const { detectors, contextRules } = takeDetectors(rules);
  const search = indexPatterns([...sources, PART_MARK]);
  const marks = [sources.length];
  const windows = createMemory<ReturnType<typeof readPlain>>(REMEMBERED_WINDOWS);
  const bySignal = [...numbers.values()];
  const counted = model?.signals.map((id) => numbers.get(`@${id}`) ?? []) ?? [];
  return {
    detectIn: (text) => detectIn(text, detectors),
    contextRules,
    splitRules: splitRules(patternRules),
    marksGroup: marksGroup(patternRules),
    matchRules: (chosen, text) => {
      const { view, matches } = windows.recall(text) ?? windows.keep(text, readPlain(text, search), text.length);
      return chosen.flatMap((rule) => matchRule(rule, matches, view));
    },
    matchText: createTextMatcher({ detectors, rules: patternRules, signals: counted, marks, search }, model),
    passagesOf: (text) => viewsOf(text).views.flatMap((view) => passagesOf(view.text, search(view.text), bySignal)),
  };
}

/** Texts that tools return are not remembered: they are the user's, and seldom come again. */
function outputReaderFor(
  rules: readonly Rule[],
  signals: readonly Signal[],
): Pick<RulePack, 'matchOutput' | 'detectInOutput'> {
  const used = new Set(
    rules.flatMap(({ condition }) => (condition.kind === 'patterns' ? condition.groups.flat() : [])),
  );
  const { sources, patternRules } = numberPatterns(
    rules,
    signals.filter(({ id }) => used.has(`@${id}`)),
  );
  const { detectors } = takeDetectors(rules);
  return {
    matchOutput: createTextReader(
      { detectors: [], rules: patternRules, signals: [], marks: [], search: indexPatterns(sources) },
      undefined,
    ),
    detectInOutput: (text) => detectIn(text, detectors),
  };
}

interface NumberedPatterns {
  readonly sources: readonly string[];
  /** Of each signal, by its name with `@`. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  readonly patternRules: readonly PatternRule[];
}

function numberPatterns(rules: readonly Rule[], signals: readonly Signal[]): NumberedPatterns {
  const sources: string[] = [];
  const numberOf = (source: string): number => sources.push(source) - 1;
  const numbers = new Map(signals.map(({ id, patterns }) => [`@${id}`, patterns.map(numberOf)]));
  const numbersOf = (entry: string, { id }: Rule): readonly number[] => {
    if (!entry.startsWith('@')) return [numberOf(entry)];
    const known = numbers.get(entry);
    if (known === undefined)
      throw new SealwatchError('RULE_INVALID', `rule ${id}: there is no signal ${entry.slice(1)}`);
    return known;
  };
  const patternRules = rules.flatMap((rule): readonly PatternRule[] => {
    const { condition } = rule;
    if (condition.kind !== 'patterns') return [];
    const groups = condition.groups.map((group) => group.flatMap((entry) => numbersOf(entry, rule)));
    return [{ rule, groups, within: condition.within }];
  });
  return { sources, numbers, patternRules };
}

function takeDetectors(rules: readonly Rule[]): {
  readonly detectors: readonly DetectorRule[];
  readonly contextRules: RulePack['contextRules'];
} {
  const detectors: DetectorRule[] = [];
  const contextRules: { readonly rule: Rule; readonly detect: ContextDetector }[] = [];
  for (const rule of rules) {
    if (rule.condition.kind !== 'detector') continue;
    const detector = DETECTOR_OF[rule.condition.detector];
    if (detector.kind === 'text')
      detectors.push({ rule, detect: detector.detect, readsPlain: detector.readsPlain === true });
    else contextRules.push({ rule, detect: detector.detect });
  }
  return { detectors, contextRules };
}

function readPlain(text: string, search: PatternIndex): { readonly view: View; readonly matches: PatternMatches } {
  const view = { ...normalizeText(text), disguise: undefined };
  return { view, matches: search(view.text) };
}

function digestOf(rules: readonly Rule[], signals: readonly Signal[], model: string | undefined): string {
  const text = JSON.stringify({ engine: ENGINE_VERSION, rules, signals, model });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
