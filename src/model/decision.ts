import type { RefText } from './definition.js';
import type { VersionId } from './fingerprint.js';

/** `allow`; `hold` until someone approves; `block`: cannot be approved away, without a waiver or at all. */
export type Verdict = 'allow' | 'hold' | 'block';

type ReasonCode =
  | 'APPROVED'
  | 'NEVER_APPROVED'
  | 'CHANGED'
  | 'MALFORMED'
  | 'PROVENANCE_CHANGED'
  | 'BLOCKED_BY_RULE'
  | 'UNCHECKED_TOO_LONG'
  | 'CONNECTION_REFUSED'
  | 'PACKAGE_POLICY';

export interface Reason {
  readonly code: ReasonCode;
  /** One sentence, server text quoted. */
  readonly message: string;
}

/** What may happen with one definition, and why. */
export interface Decision {
  readonly refText: RefText;
  readonly version: VersionId;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}
