import { SealwatchError } from '../errors.js';
import { type Actor, actorText } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import { endApproval, expectInLog, loadInForce } from './approvals.js';
import { bumpRevision } from './checks.js';
import type { ApprovalRow, RequestRow } from './tables.js';
import type { Writing } from './transactions.js';

/**
 * Ends the approvals of definitions, all or none.
 *
 * @throws {SealwatchError} `NOT_FOUND` where one of them has none in force.
 */
export async function revokeApprovals(
  writing: Writing,
  refTexts: readonly RefText[],
  why: { readonly actor: Actor; readonly at: string; readonly comment: string },
): Promise<void> {
  const { at, comment } = why;
  const by = actorText(why.actor);
  const approvals: ApprovalRow[] = [];
  await writing.log.catchUp(writing.rows);
  for (const refText of new Set(refTexts)) approvals.push(...(await inForce(writing, refText)));
  if (approvals.length === 0) throw new SealwatchError('NOT_FOUND', 'nothing is approved that could be revoked');
  await writing.append({ type: 'revoked', at, actor: by, details: { refs: [...new Set(refTexts)], comment } });
  for (const approval of approvals) await endApproval(writing, approval, { at, by });
  for (const scope of new Map(approvals.map((one) => [`${one.server} ${one.vantage}`, one])).values()) {
    await bumpRevision(writing.rows, scope.server, scope.vantage);
  }
}

/** Ends the approvals in force of some definitions of a request's server; those that have none are passed over. */
export async function endInForce(
  writing: Writing,
  { server, vantage }: Pick<RequestRow, 'server' | 'vantage'>,
  refTexts: readonly RefText[],
  why: { readonly at: string; readonly by: string },
): Promise<void> {
  if (refTexts.length === 0) return;
  const approvals = await loadInForce(writing, server, vantage);
  const due = new Set(refTexts);
  for (const approval of approvals) if (due.has(approval.ref_text)) await endApproval(writing, approval, why);
}

async function inForce({ rows, log }: Writing, refText: RefText): Promise<readonly ApprovalRow[]> {
  const found = await rows
    .select('approvals')
    .selectAll()
    .where('ref_text', '=', refText)
    .where('ended_at', 'is', null)
    .execute();
  if (found.length === 0) throw new SealwatchError('NOT_FOUND', `${refText} has no approval in force`);
  for (const row of found) expectInLog(row, log);
  return found;
}
