import type { RefText } from './definition.js';
import type { ClassifiedChange, Urgency } from './drift.js';
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
   * What becomes the baseline on approval, and nothing else: a version is approved, `null` ends an approval.
   * Malformed versions are not in it: they stay held.
   */
  readonly target: ReadonlyMap<RefText, VersionId | null>;
  /** `sha256:<hex>` over server, vantage, provenance, `target` and the versions changed: what an approval and a link are bound to. */
  readonly digest: string;
  readonly provenance: VersionId;
}

/** All drift of one server that one decision can settle. */
export interface ChangeRequest extends RequestedChange {
  readonly id: number;
  readonly server: ServerId;
  readonly vantage: string;
  readonly state: RequestState;
  /** It went back or on more than a few times: one alert, no more. */
  readonly flapping: boolean;
  readonly openedAt: string;
  readonly settledAt?: string;
  readonly settledBy?: string;
  readonly comment?: string;
  /** The request that replaced this one when it was superseded. */
  readonly supersededBy?: number;
}

/** Who decided, and how that is known. */
export type Actor =
  | { readonly kind: 'person'; readonly name: string; readonly how: 'terminal' | 'token' | 'link' | 'browser' }
  | { readonly kind: 'policy'; readonly name: string };

/** Returns how an actor is written in records and shown to people: `alice (browser)`, `policy firstUse: trust`. */
export function actorText(actor: Actor): string {
  return actor.kind === 'policy' ? `policy ${actor.name}` : `${actor.name} (${actor.how})`;
}
