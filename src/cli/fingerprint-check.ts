import { SealwatchError } from '../errors.js';
import { actorText, type Actor } from '../model/change-request.js';
import { shortVersion } from '../model/fingerprint.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { quote } from '../quote.js';
import type { Selection } from './find-request.js';

/** Fewer digits could be met by a definition that somebody made to measure (32 bits take minutes). */
const MIN_DIGITS = 12;

/**
 * Holds that what would be approved is what the person saw: `fingerprint` is the beginning of the request's digest, or of the
 * version of every definition that is selected. A refusal is written to the audit log.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`, `FINGERPRINT_INVALID`
 */
export async function checkFingerprint(
  fingerprint: string,
  selection: Selection,
  actor: Actor,
  deps: MonitorDeps,
): Promise<void> {
  const digits = digitsOf(fingerprint);
  if (digits === undefined) {
    const rule = `at least ${MIN_DIGITS} hexadecimal digits, with or without v1:sha256: before them`;
    throw new SealwatchError('FINGERPRINT_INVALID', `not a fingerprint: ${quote(fingerprint, 100)} (${rule})`);
  }
  const { request, only } = selection;
  const versions = request.changes
    .filter(({ refText }) => only?.includes(refText) ?? true)
    .map(({ after = '' }) => after);
  const isDigest = only === undefined && hexOf(request.digest).startsWith(digits);
  const isVersion = versions.length > 0 && versions.every((version) => hexOf(version).startsWith(digits));
  if (isDigest || isVersion) return;
  const at = deps.clock.now().toISOString();
  await deps.store.recordRefusal({ request: request.id, code: 'APPROVAL_STALE', actor: actorText(actor), at });
  const now = only === undefined ? hexOf(request.digest).slice(0, MIN_DIGITS) : versions.map(shortVersion).join(', ');
  throw new SealwatchError(
    'APPROVAL_STALE',
    `what waits for a decision is ${now || 'a removal'}, not ${digits.slice(0, MIN_DIGITS)}`,
  );
}

function digitsOf(fingerprint: string): string | undefined {
  return new RegExp(`^(?:(?:v1:)?sha256:)?([0-9a-f]{${MIN_DIGITS},64})$`, 'i').exec(fingerprint)?.[1]?.toLowerCase();
}

function hexOf(version: string): string {
  return /sha256:([0-9a-f]{64})/.exec(version)?.[1] ?? '';
}
