import type { ChangeRequest, RequestState } from '../model/change-request.js';
import type { ClassifiedChange, Urgency } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import { parseServerId } from '../model/server-id.js';
import { brokenLog } from './audit-entry.js';
import { findEndorsements, loadEndorsements, toEndorsement } from './endorsements.js';
import type { EndorsementRow } from './people-tables.js';
import { readJson } from './read-json.js';
import { reviewOf, targetOf } from './requests.js';
import type { RequestRow } from './tables.js';
import { digestOfRequest, proveRequest, proveTexts } from './tellings.js';
import type { Reading, Writing } from './transactions.js';

/**
 * Requires that no request that waits is hidden: the log says which ones are open.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`
 */
export async function expectNoneHidden(
  { rows, log }: Reading,
  stored: readonly RequestRow[],
  where: { readonly server?: string | undefined; readonly vantage?: string },
): Promise<void> {
  await log.catchUp(rows);
  const shown = new Set(stored.map(({ id }) => id));
  const hidden = log.replay.requests
    .open()
    .filter(({ server }) => where.server === undefined || server === where.server)
    .find(({ id, vantage }) => !shown.has(id) && (where.vantage === undefined || vantage === where.vantage));
  if (hidden !== undefined)
    throw brokenLog(`request ${hidden.id} is open in the audit log, and the database does not say so`);
}

/**
 * Returns stored requests in the form of the model. Those that wait for a decision are held against the audit log, with who
 * approved them so far.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`
 */
export async function readRequests(reading: Reading, stored: readonly RequestRow[]): Promise<readonly ChangeRequest[]> {
  const waiting = stored.filter(isWaiting);
  if (waiting.length > 0) await reading.log.catchUp(reading.rows);
  for (const row of waiting) await proveRequest(reading, row);
  const endorsements = await loadEndorsements(reading, waiting);
  return stored.map((row) => toRequest(row, endorsements.get(row.id) ?? []));
}

/** Returns one stored request, as {@link readRequests} does; `undefined` for none. */
export async function readRequest(
  reading: Reading,
  stored: RequestRow | undefined,
): Promise<ChangeRequest | undefined> {
  return stored && (await readRequests(reading, [stored]))[0];
}

/** Returns one stored request with the promise that the texts of its versions are those that it was opened for, while it waits. */
export async function readWholeRequest(
  reading: Reading,
  stored: RequestRow | undefined,
): Promise<ChangeRequest | undefined> {
  if (stored !== undefined && isWaiting(stored)) await proveTexts(reading.rows, stored);
  return readRequest(reading, stored);
}

/** Returns a request as this transaction just wrote it: its entries are not in the log before the transaction ends. */
export async function readWrittenRequest({ rows }: Writing, row: RequestRow): Promise<ChangeRequest> {
  return toRequest(row, (await findEndorsements(rows, [row])).get(row.id) ?? []);
}

/** A rejected one may still be approved: what is told of it counts as much. */
function isWaiting({ state }: RequestRow): boolean {
  return state === 'open' || state === 'rejected';
}

function toRequest(row: RequestRow, endorsements: readonly EndorsementRow[]): ChangeRequest {
  const { changes, findings } = readJson<{ changes: readonly ClassifiedChange[]; findings: readonly StoredFinding[] }>(
    row.body,
  );
  return {
    id: row.id,
    server: parseServerId(row.server),
    vantage: row.vantage,
    state: row.state as RequestState,
    asked: row.digest,
    digest: digestOfRequest(row),
    provenance: row.provenance,
    urgency: row.urgency as Urgency,
    target: targetOf(row),
    changes,
    // JSON has no `undefined`: a finding that says nothing about the change has lost the member.
    findings: findings.map((finding) => ({ ...finding, means: finding.means })),
    review: reviewOf(row),
    endorsements: endorsements.map(toEndorsement),
    flapping: row.flapping === 1,
    openedAt: row.opened_at,
    ...(row.settled_at === null ? {} : { settledAt: row.settled_at }),
    ...(row.settled_by === null ? {} : { settledBy: row.settled_by }),
    ...(row.comment === null ? {} : { comment: row.comment }),
    ...(row.superseded_by === null ? {} : { supersededBy: row.superseded_by }),
  };
}

type StoredFinding = Omit<Finding, 'means'> & { readonly means?: Finding['means'] };
