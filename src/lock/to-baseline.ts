import { canonicalize } from '../integrity/canonicalize.js';
import { formatRef } from '../integrity/definition-ref.js';
import { fingerprintOf } from '../integrity/fingerprint.js';
import type { LockedServer } from '../model/lock.js';
import type { ServerId } from '../model/server-id.js';
import type { ApprovedVersion, Baseline } from '../model/snapshot.js';

/** Returns what is locked of a server as what drift is measured against. It approves nothing: nobody has a record of it. */
export function toBaseline(server: ServerId, { definitions, provenance }: LockedServer): Baseline {
  const from = fingerprintOf(canonicalize(provenance));
  const all = [...definitions, { kind: 'provenance', name: '', version: from, value: provenance } as const];
  const approved = all.map(({ kind, name, version, value }): ApprovedVersion => {
    const refText = formatRef({ server, kind, name });
    return { refText, version, content: canonicalize(value), provenance: from, approval: 0, approvedAt: '' };
  });
  return { approved: new Map(approved.map((one) => [one.refText, one])), isEmpty: false };
}
