import { SealwatchError } from '../errors.js';
import { actorText, type ChangeRequest } from '../model/change-request.js';
import type { JsonObject } from '../model/json.js';
import type { Settlement } from '../ports.js';
import { grantAll } from './approvals.js';
import { bumpRevision } from './checks.js';
import { expectAnotherPerson, loadEndorsements, removeEndorsements, saveEndorsement } from './endorsements.js';
import { chooseTarget, expectShown, expectUnsettled } from './expect-settleable.js';
import { useLink } from './links.js';
import type { EndorsementRow } from './people-tables.js';
import { readWrittenRequest } from './read-requests.js';
import { findRequestRow, reviewOf, targetOf, updateRequest } from './requests.js';
import { endInForce } from './revoke.js';
import type { RequestRow } from './tables.js';
import { proveRequest, proveTexts } from './tellings.js';
import type { Writing } from './transactions.js';

/**
 * Approves or rejects a request, if it is still what the person saw. Returns it as it is afterwards.
 *
 * @throws {SealwatchError} `APPROVAL_STALE`, `APPROVAL_SETTLED`, `APPROVAL_SAME_PERSON`, `APPROVAL_REFUSED` (two persons are needed,
 * and this is none, or approves a part), `NOT_FOUND`, `AUDIT_BROKEN`
 */
export async function settleRequest(writing: Writing, settlement: Settlement): Promise<ChangeRequest> {
  const { rows, log } = writing;
  const row = await findRequestRow(rows, settlement.request);
  if (row === undefined) throw new SealwatchError('NOT_FOUND', `there is no request ${settlement.request}`);
  await log.catchUp(rows);
  // What is approved comes from this row, so an edited one must not pass for what the person saw.
  await proveRequest(writing, row);
  await expectUnsettled(writing, row, settlement);
  await proveTexts(rows, row);
  if (settlement.link !== undefined) await useLink(writing, settlement.link, row.digest, settlement);
  const endorsements = (await loadEndorsements(writing, [row])).get(row.id) ?? [];
  switch (settlement.decision) {
    case 'approve':
      await approve(writing, row, endorsements, settlement);
      break;
    case 'reject':
      await reject(writing, row, endorsements, settlement);
      break;
  }
  return readWrittenRequest(writing, (await findRequestRow(rows, row.id)) ?? row);
}

async function approve(
  writing: Writing,
  row: RequestRow,
  endorsements: readonly EndorsementRow[],
  settlement: Settlement,
): Promise<void> {
  const target = targetOf(row);
  const chosen = chooseTarget(row.id, target, settlement.only);
  await expectShown(writing, row, chosen);
  const isWhole = chosen.size === target.size;
  if (settlement.persons === 2) {
    if (!isWhole)
      throw new SealwatchError('APPROVAL_REFUSED', `request ${row.id} needs two persons: approve all of it`);
    expectAnotherPerson(settlement.actor, endorsements);
    if (endorsements.length === 0) return saveEndorsement(writing, row, settlement);
  }
  const only = isWhole ? {} : { only: [...chosen.keys()] };
  const first = endorsements.map((one) => one.endorsed_by);
  const details = first.length === 0 ? only : { ...only, endorsedBy: first };
  await settleAs(writing, row, settlement, isWhole ? 'approved' : 'superseded', details);
  const { server, vantage, provenance, id } = row;
  const granted = { server, vantage, provenance, request: id, by: actorText(settlement.actor), at: settlement.at };
  await grantAll(
    writing,
    [...chosen].map(([refText, version]) => ({ ...granted, refText, version })),
  );
  await bumpRevision(writing.rows, server, vantage);
}

/** What was only to be looked at again was approved until now, and is no longer. */
async function reject(
  writing: Writing,
  row: RequestRow,
  endorsements: readonly EndorsementRow[],
  settlement: Settlement,
): Promise<void> {
  const { actor, at } = settlement;
  await settleAs(writing, row, settlement, 'rejected', {}, endorsements[0]?.leaf);
  await removeEndorsements(writing.rows, row.id);
  await endInForce(writing, row, reviewOf(row), { by: actorText(actor), at });
  await bumpRevision(writing.rows, row.server, row.vantage);
}

async function settleAs(
  { rows, append }: Writing,
  { id, digest }: RequestRow,
  { actor, at, comment, decision, link }: Settlement,
  state: 'approved' | 'rejected' | 'superseded',
  more: JsonObject,
  ends?: number,
): Promise<void> {
  const by = actorText(actor);
  const details = { request: id, digest, ...more, comment: comment ?? null, link: link ?? null };
  const type = decision === 'approve' ? 'request-approved' : 'request-rejected';
  await append({ type, at, actor: by, details, ends });
  await updateRequest(rows, id, { state, settled_at: at, settled_by: by, comment: comment ?? null });
}
