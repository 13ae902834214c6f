import type { ChangeClass, Urgency } from './drift.js';
import type { Severity } from './finding.js';

/**
 * Classes that a policy may approve by itself: none that covers text or URLs that a model or a person reads. Not `narrowing`:
 * whether a schema accepts less cannot be decided for all schemas, and a hostile one is made to look as if it did.
 */
export const AUTO_APPROVABLE = ['cosmetic', 'removal'] as const satisfies readonly ChangeClass[];

/** What is decided without a person, and what is not. */
export interface Policy {
  readonly autoApprove: readonly (typeof AUTO_APPROVABLE)[number][];
  /** `firstUse: trust` never covers a definition with a finding at or above this severity. */
  readonly blockLevel: Severity;
  /** Requests of these urgencies need two different persons to approve. */
  readonly twoPersons: readonly Urgency[];
}

export const DEFAULT_POLICY: Policy = { autoApprove: [], blockLevel: 'high', twoPersons: [] };
