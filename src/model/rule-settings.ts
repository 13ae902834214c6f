import type { Severity } from './finding.js';

/** What a user changes about the rules that come with the program. */
export interface RuleSettings {
  /** Absolute paths of folders with rules of one's own. */
  readonly folders: readonly string[];
  /** Ids of rules that are not to be run. */
  readonly off: readonly string[];
  /** By id, the severity that findings of a rule have instead of the rule's. */
  readonly severities: ReadonlyMap<string, Severity>;
}

export const DEFAULT_RULE_SETTINGS: RuleSettings = { folders: [], off: [], severities: new Map() };
