import type { RE2JS } from 're2js';

import type { Rule } from './rule.js';

/** Rules, ready to run. */
export interface RulePack {
  /** `sha256:<hex>` over every rule and the engine's version: equal digests find the same in the same text. */
  readonly digest: string;
  readonly rules: readonly Rule[];
  readonly patternRules: readonly PatternRule[];
}

export interface PatternRule {
  readonly rule: Rule;
  readonly groups: readonly PatternGroup[];
  readonly within: number;
}

/** Returns which expressions of a group match somewhere in a text, in one linear pass over it; they say where. */
export type PatternGroup = (text: string) => readonly RE2JS[];
