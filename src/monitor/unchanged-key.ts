import { sha256Hex } from '../integrity/fingerprint.js';
import type { Policy } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Stamp } from '../ports.js';

/**
 * Returns the key under which a result may be taken again without evaluating: it covers the received bytes (which cover
 * masks through the provenance), the rules, the policy, the decisions, the other servers' names, and ends with the moment
 * at which the first waiver in force expires or a review is due, since from then on the same input has another result.
 */
export function unchangedKey(input: {
  readonly rawDigest: string;
  readonly rulesDigest: string;
  readonly policy: Policy;
  readonly server: Pick<Server, 'provenance' | 'firstUse' | 'limits' | 'reviewEveryMs'>;
  readonly stamp: Pick<Stamp, 'revision' | 'surroundings'>;
  /** Moments from which the same input has another result, ISO 8601; those that have passed do not count. */
  readonly until: readonly (string | undefined)[];
  readonly now: Date;
}): string {
  const { rawDigest, rulesDigest, policy, server, stamp } = input;
  const parts = [
    rawDigest,
    rulesDigest,
    policy,
    server.provenance,
    server.firstUse,
    server.limits,
    server.reviewEveryMs ?? null,
    stamp.revision,
    stamp.surroundings,
  ];
  return `${sha256Hex(JSON.stringify(parts))}@${firstOf(input.until, input.now)}`;
}

/** Returns whether a stored key stands for the same input, and its moment has not come. */
export function isSameKey(stored: string | undefined, fresh: string, now: Date): boolean {
  if (stored === undefined) return false;
  const [digest = '', expiry = ''] = stored.split('@');
  return digest === fresh.split('@')[0] && (expiry === '' || now.toISOString() < expiry);
}

function firstOf(moments: readonly (string | undefined)[], now: Date): string {
  const ahead = moments.filter((moment): moment is string => moment !== undefined && moment > now.toISOString());
  return ahead.sort()[0] ?? '';
}
