import type { Rule } from './rule.js';

/** A rule whose condition is patterns. */
export interface PatternRule {
  readonly rule: Rule;
  /** Numbers of patterns; one of every group has to match within one string. */
  readonly groups: readonly (readonly number[])[];
  readonly within: number;
}
