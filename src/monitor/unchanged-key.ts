import { sha256Hex } from '../integrity/fingerprint.js';
import type { Waiver } from '../model/finding.js';
import type { Policy } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Stamp } from '../ports.js';

/**
 * Returns the key under which a result may be taken again without evaluating: it covers the received bytes (which cover
 * masks through the provenance), the rules, the policy, the decisions, the other servers' names, and ends with the moment
 * at which the first waiver in force expires, since from then on the same input has another result.
 */
export function unchangedKey(input: {
  readonly rawDigest: string;
  readonly rulesDigest: string;
  readonly policy: Policy;
  readonly server: Pick<Server, 'provenance' | 'firstUse' | 'limits'>;
  readonly stamp: Pick<Stamp, 'revision' | 'surroundings'>;
  readonly waivers: readonly Waiver[];
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
    stamp.revision,
    stamp.surroundings,
  ];
  return `${sha256Hex(JSON.stringify(parts))}@${firstExpiry(input.waivers, input.now)}`;
}

/** Returns whether a stored key stands for the same input, and no waiver that it relied on has expired. */
export function isSameKey(stored: string | undefined, fresh: string, now: Date): boolean {
  if (stored === undefined) return false;
  const [digest = '', expiry = ''] = stored.split('@');
  return digest === fresh.split('@')[0] && (expiry === '' || now.toISOString() < expiry);
}

function firstExpiry(waivers: readonly Waiver[], now: Date): string {
  const inForce = waivers.map((waiver) => waiver.expiresAt).filter((expiry) => expiry > now.toISOString());
  return inForce.sort()[0] ?? '';
}
