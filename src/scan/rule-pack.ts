import type { Finding } from '../model/finding.js';
import type { ContextDetector } from './detectors.js';
import type { SplitRule, TextMatch, TextMatcher } from './match-text.js';
import type { Memory } from './memory.js';
import type { Signal } from './parse-signal.js';
import type { Passage } from './text-features.js';
import type { PatternRule } from './pattern-rule.js';
import type { Rule } from './rule.js';

/** What was found in a definition by itself. */
export interface OwnReading {
  readonly findings: readonly Finding[];
  /** Groups of rules that have a pattern in its description, see `TextReading.groups`, and words in it that are written like names. */
  readonly groups: readonly number[];
  readonly names: readonly string[];
}

/** Rules, ready to run. */
export interface RulePack {
  /** `sha256:<hex>` over every rule and the engine's version: equal digests find the same in the same text. */
  readonly digest: string;
  readonly rules: readonly Rule[];
  /** In the order of their ids. */
  readonly signals: readonly Signal[];
  /** What the rules find in one string, whoever sent it. */
  readonly matchText: TextMatcher;
  /** The part of it that is code, which takes a text of any length. */
  readonly detectIn: (text: string) => readonly TextMatch[];
  /** What the rules about outputs find in a text that a tool returned, hidden characters aside. It remembers nothing. */
  readonly matchOutput: TextMatcher;
  /** The part of these rules that is code, which takes a text of any length. */
  readonly detectInOutput: (text: string) => readonly TextMatch[];
  /** Rules with several groups, which may stand in several strings. */
  readonly splitRules: readonly SplitRule[];
  /** The group that a text has which is marked as a part of a longer one. */
  readonly marksGroup: number;
  /** What some rules find in a text as it stands. */
  readonly matchRules: (rules: readonly PatternRule[], text: string) => readonly TextMatch[];
  /** What was found in definitions by themselves. */
  readonly memory: Memory<OwnReading>;
  /** Rules that look at the tools around as well. */
  readonly contextRules: readonly { readonly rule: Rule; readonly detect: ContextDetector }[];
  /** What the learned model looks at in one string. */
  readonly passagesOf: (text: string) => readonly Passage[];
}
