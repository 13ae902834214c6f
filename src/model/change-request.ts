import type { RefText } from './definition.js';
import { type ClassifiedChange, mostUrgent, type Urgency } from './drift.js';
import type { Finding } from './finding.js';
import type { VersionId } from './fingerprint.js';
import type { ServerId } from './server-id.js';

export type RequestState = 'open' | 'approved' | 'rejected' | 'superseded' | 'withdrawn';

/** What one decision about a server settles: everything that differs from what is approved, or carries news. */
export interface RequestedChange {
  readonly urgency: Urgency;
  readonly changes: readonly ClassifiedChange[];
  /** Findings on the versions that are asked about. */
  readonly findings: readonly Finding[];
  /**
   * Definitions that are approved, did not change, and are due to be looked at again (`reviewEvery`): they stay allowed meanwhile,
   * an approval renews theirs, a rejection ends it.
   */
  readonly review: readonly RefText[];
  /**
   * What becomes the baseline on approval, and nothing else: a version is approved, `null` ends an approval.
   * Malformed versions are not in it: they stay held.
   */
  readonly target: ReadonlyMap<RefText, VersionId | null>;
  /** `sha256:<hex>` over server, vantage, provenance, `target` and the versions changed: one request asks for one of these. */
  readonly asked: string;
  readonly provenance: VersionId;
}

/** All drift of one server that one decision can settle. */
export interface ChangeRequest extends RequestedChange {
  readonly id: number;
  /**
   * `sha256:<hex>` over `asked`, what each change means, and what is found: what somebody read, and what a decision is bound to. New
   * rules, or another server's tools, can make worse of the same versions.
   */
  readonly digest: string;
  readonly server: ServerId;
  readonly vantage: string;
  readonly state: RequestState;
  /** It went back or on more than a few times: one alert, no more. */
  readonly flapping: boolean;
  readonly openedAt: string;
  readonly settledAt?: string;
  readonly settledBy?: string;
  readonly comment?: string;
  /** Who approved so far, where the policy asks for two persons and one is still missing. */
  readonly endorsements: readonly Endorsement[];
  /** The request that replaced this one when it was superseded. */
  readonly supersededBy?: number;
}

/** The first of two approvals. It moves no baseline. */
export interface Endorsement {
  /** {@link actorText} of the person. */
  readonly by: string;
  /** {@link identityOf} the person: the second has to be another. */
  readonly identity: string;
  readonly at: string;
}

/** A remark of a person on a request. */
export interface Comment {
  readonly by: string;
  readonly at: string;
  readonly text: string;
}

/** Returns which version of a reviewed definition a request is about; one that a rule blocks is not in the target. */
export function reviewedVersion(request: RequestedChange, refText: RefText): VersionId | undefined {
  const blocked = request.findings.find((finding) => finding.blocks && finding.refText === refText);
  return request.target.get(refText) ?? blocked?.version;
}

/**
 * Returns how much care a decision takes. To look again wakes nobody, but it renews or ends approvals of anything: it takes as much
 * care as a high change. Attack: a mail scanner that rejects a review, and with it everything that a server was approved for.
 */
export function careFor({ urgency, review }: Pick<RequestedChange, 'urgency' | 'review'>): Urgency {
  return review.length === 0 ? urgency : mostUrgent([urgency, 'high']);
}

/** Who decided, and how that is known. */
export type Actor =
  | {
      readonly kind: 'person';
      readonly name: string;
      readonly how: 'terminal' | 'token' | 'link' | 'browser' | 'oidc' | 'api-token' | 'console';
      /** {@link Principal.id}, where the name alone is not what makes two of them the same. */
      readonly id?: string;
    }
  | { readonly kind: 'policy'; readonly name: string };

/** Returns how an actor is written in records and shown to people: `alice (browser)`, `policy firstUse: trust`. */
export function actorText(actor: Actor): string {
  return actor.kind === 'policy' ? `policy ${actor.name}` : `${actor.name} (${actor.how})`;
}

/** Returns what tells persons apart: one who uses the browser and then a token of the same name is one person. */
export function identityOf(actor: Actor): string {
  if (actor.kind === 'policy') return `policy:${actor.name}`;
  return (
    actor.id ??
    (actor.how === 'token' || actor.how === 'browser' ? `approver:${actor.name}` : `${actor.how}:${actor.name}`)
  );
}
