import { SealwatchError } from '../errors.js';
import { actorText, type ChangeRequest } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import type { VersionId } from '../model/fingerprint.js';
import type { JsonObject } from '../model/json.js';
import type { Settlement } from '../ports.js';
import { grantAll } from './approvals.js';
import { bumpRevision } from './checks.js';
import { requestClaim } from './claims.js';
import { useLink } from './links.js';
import { findNewestRequest, findOpenRequest, findRequestRow, targetOf, toRequest, updateRequest } from './requests.js';
import { newestVersions } from './snapshots.js';
import type { RequestRow } from './tables.js';
import type { Writing } from './transactions.js';

/**
 * Approves or rejects a request, if it is still what the person saw. Returns it as it is afterwards.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`, `APPROVAL_SETTLED`, `NOT_FOUND`, `AUDIT_BROKEN`
 */
export async function settleRequest(writing: Writing, settlement: Settlement): Promise<ChangeRequest> {
  const { rows, log } = writing;
  const row = await findRequestRow(rows, settlement.request);
  if (row === undefined) throw new SealwatchError('NOT_FOUND', `there is no request ${settlement.request}`);
  await log.catchUp(rows);
  // What is approved comes from this row, so an edited one must not pass for what the person saw.
  await log.prove(rows, row.leaf, requestClaim(row));
  await expectUnsettled(writing, row, settlement);
  if (settlement.link !== undefined) await useLink(writing, settlement.link, settlement);
  switch (settlement.decision) {
    case 'approve':
      await approve(writing, row, settlement);
      break;
    case 'reject':
      await settleAs(writing, row, settlement, 'rejected', {});
      break;
  }
  await bumpRevision(rows, row.server, row.vantage);
  return toRequest((await findRequestRow(rows, row.id)) ?? row);
}

async function expectUnsettled(writing: Writing, row: RequestRow, settlement: Settlement): Promise<void> {
  const { id, state } = row;
  if (row.digest !== settlement.expectedDigest) throw stale(id, 'asks for something else than what was shown');
  if (state === 'superseded') throw stale(id, 'was replaced, since the server drifted on');
  if (state === 'withdrawn') throw stale(id, 'was withdrawn, since the server went back');
  const isFinal = state === 'approved' || (state === 'rejected' && settlement.decision === 'reject');
  if (isFinal) {
    const by = row.settled_by === null ? '' : ` by ${row.settled_by}`;
    throw new SealwatchError('APPROVAL_SETTLED', `request ${id} was ${state} already${by}`);
  }
  if (state === 'rejected') await expectCurrent(writing, row);
}

/** A rejected request may still be approved, as long as it is what the server shows. */
async function expectCurrent({ rows }: Writing, { id, server, vantage }: RequestRow): Promise<void> {
  const newest = await findNewestRequest(rows, server, vantage);
  const open = await findOpenRequest(rows, server, vantage);
  if (newest?.id !== id || open !== undefined)
    throw stale(id, 'was rejected, and the server shows something else by now');
}

async function approve(writing: Writing, row: RequestRow, settlement: Settlement): Promise<void> {
  const target = targetOf(row);
  const chosen = choose(row.id, target, settlement.only);
  await expectShown(writing, row, chosen);
  const isWhole = chosen.size === target.size;
  const details = isWhole ? {} : { only: [...chosen.keys()] };
  await settleAs(writing, row, settlement, isWhole ? 'approved' : 'superseded', details);
  const { server, vantage, provenance, id } = row;
  const by = actorText(settlement.actor);
  await grantAll(
    writing,
    [...chosen].map(([refText, version]) => ({
      server,
      vantage,
      refText,
      version,
      provenance,
      request: id,
      by,
      at: settlement.at,
    })),
  );
}

function choose(
  id: number,
  target: ReadonlyMap<RefText, VersionId | null>,
  only: readonly RefText[] | undefined,
): ReadonlyMap<RefText, VersionId | null> {
  if (only === undefined) return target;
  const missing = only.find((refText) => !target.has(refText));
  if (missing !== undefined) throw stale(id, `does not ask for ${missing}`);
  return new Map([...target].filter(([refText]) => only.includes(refText)));
}

/** Only what the server shows now can be approved: a version that is gone is drift when it returns. */
async function expectShown(
  { rows }: Writing,
  { id, server, vantage }: RequestRow,
  chosen: ReadonlyMap<RefText, VersionId | null>,
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

async function settleAs(
  { rows, append }: Writing,
  { id, digest }: RequestRow,
  { actor, at, comment, decision, link }: Settlement,
  state: 'approved' | 'rejected' | 'superseded',
  more: JsonObject,
): Promise<void> {
  const by = actorText(actor);
  const details = { request: id, digest, ...more, comment: comment ?? null, link: link ?? null };
  const type = decision === 'approve' ? 'request-approved' : 'request-rejected';
  await append({ type, at, actor: by, details });
  await updateRequest(rows, id, { state, settled_at: at, settled_by: by, comment: comment ?? null });
}

function stale(id: number, why: string): SealwatchError {
  return new SealwatchError('APPROVAL_STALE', `request ${id} ${why}: look at it again`);
}
