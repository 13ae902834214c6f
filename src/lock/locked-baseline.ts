import type { LockedServer } from '../model/lock.js';
import type { VersionId } from '../model/fingerprint.js';
import type { Baseline } from '../model/snapshot.js';

/**
 * Returns what is locked in the form of what is approved, so that it is compared in the same way.
 *
 * `provenance` is that of the server as it is configured: where that differs from the locked one it is one change, and not one of every
 * definition besides.
 */
export function lockedBaseline({ definitions }: LockedServer, provenance: VersionId): Baseline {
  const approved = definitions.map(
    ({ refText, version, content }) =>
      [refText, { refText, version, content, provenance, approval: 0, approvedAt: '' }] as const,
  );
  return { approved: new Map(approved), isEmpty: definitions.length === 0 };
}
