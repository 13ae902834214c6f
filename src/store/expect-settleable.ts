import { SealwatchError } from '../errors.js';
import type { RefText } from '../model/definition.js';
import type { VersionId } from '../model/fingerprint.js';
import type { Settlement } from '../ports.js';
import { findNewestRequest, findOpenRequest } from './requests.js';
import { newestVersions } from './snapshots.js';
import type { RequestRow } from './tables.js';
import { digestOfRequest } from './tellings.js';
import type { Reading } from './transactions.js';

type Target = ReadonlyMap<RefText, VersionId | null>;

/**
 * Requires that a request still waits, and is what the person saw.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`, `APPROVAL_SETTLED`
 */
export async function expectUnsettled(reading: Reading, row: RequestRow, settlement: Settlement): Promise<void> {
  const { id, state } = row;
  if (digestOfRequest(row) !== settlement.expectedDigest) throw stale(id, 'is not what was shown any more');
  if (state === 'superseded') throw stale(id, 'was replaced, since the server drifted on');
  if (state === 'withdrawn') throw stale(id, 'was withdrawn, since the server went back');
  const isFinal = state === 'approved' || (state === 'rejected' && settlement.decision === 'reject');
  if (isFinal) {
    const by = row.settled_by === null ? '' : ` by ${row.settled_by}`;
    throw new SealwatchError('APPROVAL_SETTLED', `request ${id} was ${state} already${by}`);
  }
  if (state === 'rejected') await expectCurrent(reading, row);
}

/** Returns the part of a target that is to be approved. @throws {SealwatchError} `APPROVAL_STALE` for what is not in it. */
export function chooseTarget(id: number, target: Target, only: readonly RefText[] | undefined): Target {
  if (only === undefined) return target;
  const missing = only.find((refText) => !target.has(refText));
  if (missing !== undefined) throw stale(id, `does not ask for ${missing}`);
  return new Map([...target].filter(([refText]) => only.includes(refText)));
}

/**
 * Requires that the server shows every version now: one that is gone is drift when it returns.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`
 */
export async function expectShown(
  { rows }: Reading,
  { id, server, vantage }: RequestRow,
  chosen: Target,
): Promise<void> {
  const shown = new Set(
    (await newestVersions(rows, server, vantage)).map(({ refText, version }) => `${refText} ${version}`),
  );
  for (const [refText, version] of chosen) {
    if (version !== null && !shown.has(`${refText} ${version}`)) {
      throw stale(id, `asks for a version of ${refText} that the server does not show any more`);
    }
  }
}

/** A rejected request may still be approved, as long as it is what the server shows. */
async function expectCurrent({ rows }: Reading, { id, server, vantage }: RequestRow): Promise<void> {
  const newest = await findNewestRequest(rows, server, vantage);
  const open = await findOpenRequest(rows, server, vantage);
  if (newest?.id !== id || open !== undefined)
    throw stale(id, 'was rejected, and the server shows something else by now');
}

function stale(id: number, why: string): SealwatchError {
  return new SealwatchError('APPROVAL_STALE', `request ${id} ${why}: look at it again`);
}
