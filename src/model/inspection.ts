import type { ErrorCode } from '../errors.js';
import type { RequestedChange } from './change-request.js';
import type { RefText } from './definition.js';
import type { Decision } from './decision.js';
import type { ClassifiedChange } from './drift.js';
import type { Finding } from './finding.js';
import type { VersionId } from './fingerprint.js';
import type { Mask } from './mask.js';
import type { ServerId } from './server-id.js';
import type { Snapshot } from './snapshot.js';

/** What a snapshot means against what is approved; pure, and the same for the same input. */
export interface Evaluation {
  readonly changes: readonly ClassifiedChange[];
  /** Every finding in the snapshot that no waiver covers. */
  readonly findings: readonly Finding[];
  readonly decisions: readonly Decision[];
  /** What a person has to decide; `undefined` where nothing differs from what is approved. */
  readonly requested: RequestedChange | undefined;
  /** What a policy approves by itself, with the policy's name. */
  readonly policyApprovals: readonly PolicyApproval[];
}

export interface PolicyApproval {
  readonly refText: RefText;
  /** `null` ends an approval. */
  readonly version: VersionId | null;
  readonly provenance: VersionId;
  readonly policy: string;
}

/** Everything one complete observation established. */
export interface Checked extends Evaluation {
  readonly kind: 'checked';
  readonly server: ServerId;
  readonly vantage: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly durationMs: number;
  readonly snapshot: Snapshot;
  readonly remarks: readonly string[];
  /** Masks that would have made two observations of an otherwise unchanged server equal. */
  readonly suggestedMasks: readonly Mask[];
  /** Digest of the bytes, rules, policy, masks, neighbours and baseline it was made from: equal keys, equal result. */
  readonly key: string;
}

/** A complete observation of exactly the bytes that were evaluated before, under the same rules and decisions. */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly server: ServerId;
  readonly vantage: string;
  readonly at: string;
  readonly durationMs: number;
}

/** An observation that could not be made: never taken for "nothing changed". */
export interface Unchecked {
  readonly kind: 'unchecked';
  readonly server: ServerId;
  readonly vantage: string;
  readonly at: string;
  readonly durationMs: number;
  readonly code: ErrorCode;
  /** What failed and with what value, server text quoted. */
  readonly message: string;
}

/** What happens to a server's change request after an inspection. */
export type Transition =
  | { readonly kind: 'none' }
  /** The open request asks for exactly this already. */
  | { readonly kind: 'keep'; readonly request: number }
  | { readonly kind: 'open' }
  /** It drifted on: a new request replaces the open one. */
  | { readonly kind: 'supersede'; readonly request: number }
  /** It went back to what is approved. */
  | { readonly kind: 'withdraw'; readonly request: number }
  /** It alternates: a withdrawn or superseded request asks for exactly this, and is opened again. */
  | { readonly kind: 'reopen'; readonly request: number; readonly supersedes: number | undefined };
