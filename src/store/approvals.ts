import { SealwatchError } from '../errors.js';
import type { RefText } from '../model/definition.js';
import { isMalformed, type VersionId } from '../model/fingerprint.js';
import type { ServerId } from '../model/server-id.js';
import type { ApprovedVersion, Baseline } from '../model/snapshot.js';
import type { ApprovalRecord } from '../ports.js';
import { brokenLog, claimText } from './audit-entry.js';
import { approvalClaim, sha256 } from './claims.js';
import { nextId } from './next-id.js';
import { scopeKey } from './replay.js';
import type { Scope } from './scope.js';
import type { ApprovalRow } from './tables.js';
import type { Reading, Writing } from './transactions.js';
import { chunks, loadTexts, textOf } from './versions.js';

/** A version to be approved; `null` ends the approval that is in force. */
export interface Grant {
  readonly server: string;
  readonly vantage: string;
  readonly refText: RefText;
  readonly version: VersionId | null;
  readonly provenance: VersionId;
  readonly request: number | null;
  readonly by: string;
  readonly at: string;
}

/** Writes approvals of one server with their entries in the log; each ends the one that was in force for the same definition. */
export async function grantAll(writing: Writing, grants: readonly Grant[]): Promise<void> {
  const [first] = grants;
  if (first === undefined) return;
  const { rows } = writing;
  const inForce = new Map((await loadInForce(writing, first.server, first.vantage)).map((row) => [row.ref_text, row]));
  const texts = await loadTexts(
    rows,
    grants.flatMap(({ version }) => version ?? []),
  );
  let id = await nextId(rows, 'approvals');
  const granted: Omit<ApprovalRow, 'tenant'>[] = [];
  for (const grant of grants) {
    const before = inForce.get(grant.refText);
    if (grant.version === null) {
      if (before !== undefined) await endApproval(writing, before, grant);
      continue;
    }
    const row = toRow(grant, grant.version, texts);
    const leaf = await writing.append({ ...approvalClaim(row), ends: before?.leaf });
    if (before !== undefined) await markEnded(rows, before, grant);
    granted.push({ id: id++, ...row, leaf, ended_at: null, ended_by: null });
  }
  for (const chunk of chunks(granted)) await rows.insert('approvals', chunk).execute();
}

/** Ends an approval, with an entry of its own. */
export async function endApproval(
  writing: Writing,
  approval: ApprovalRow,
  { at, by }: Pick<Grant, 'at' | 'by'>,
): Promise<void> {
  const { server, vantage, version, leaf } = approval;
  const details = { server, vantage, ref: approval.ref_text, version };
  await writing.append({ type: 'approval-ended', at, actor: by, details, ends: leaf });
  await markEnded(writing.rows, approval, { at, by });
}

/**
 * Returns what is approved for a server. The log is the truth: every row must have its entry, every entry its row, and the
 * approved text must be the one that was approved.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`
 */
export async function loadBaseline(reading: Reading, server: ServerId, vantage: string): Promise<Baseline> {
  const { rows, log } = reading;
  const inForce = await loadInForce(reading, server, vantage);
  const scope = scopeKey(server, vantage);
  const logged = [...log.replay.approvals.values()].filter((approval) => approval.scope === scope).length;
  if (logged !== inForce.length) {
    throw brokenLog(`${server} has ${inForce.length} approvals in force, the audit log says ${logged}`);
  }
  const texts = await loadTexts(
    rows,
    inForce.map(({ version }) => version),
  );
  const approved = inForce.map((row): [RefText, ApprovedVersion] => [row.ref_text, toApproved(row, texts)]);
  return { approved: new Map(approved), isEmpty: !log.replay.wasEverApproved(server, vantage) };
}

/**
 * Holds an approval that the table calls in force against the log, with every field. Catch up before.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN`
 */
export function expectInLog(row: ApprovalRow, log: Reading['log']): void {
  if (log.replay.approvals.get(row.leaf)?.claim === claimText(approvalClaim(row))) return;
  throw brokenLog(`approval ${row.id} of ${row.ref_text} is not in the audit log as it stands`);
}

/** Returns an approval as it is shown. */
export function toApprovalRecord(row: ApprovalRow): ApprovalRecord {
  return {
    id: row.id,
    refText: row.ref_text,
    version: row.version,
    by: row.approved_by,
    at: row.approved_at,
    request: row.request ?? undefined,
    endedAt: row.ended_at ?? undefined,
    endedBy: row.ended_by ?? undefined,
    leaf: row.leaf,
  };
}

/** Returns the approvals in force, held against the log. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function loadInForce(
  { rows, log }: Reading,
  server: string,
  vantage: string,
): Promise<readonly ApprovalRow[]> {
  await log.catchUp(rows);
  const inForce = await rows
    .select('approvals')
    .selectAll()
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
  for (const row of inForce) expectInLog(row, log);
  return inForce;
}

type NewApproval = Omit<ApprovalRow, 'tenant' | 'id' | 'leaf' | 'ended_at' | 'ended_by'>;

function toRow(grant: Grant, version: VersionId, texts: ReadonlyMap<VersionId, string>): NewApproval {
  const { server, vantage, refText, provenance, request } = grant;
  if (isMalformed(version)) {
    throw new SealwatchError('APPROVAL_STALE', `${refText} has no canonical form and cannot be approved`);
  }
  return {
    server,
    vantage,
    ref_text: refText,
    version,
    provenance,
    content_digest: sha256(textOf(texts, version)),
    approved_by: grant.by,
    approved_at: grant.at,
    request,
  };
}

async function markEnded(rows: Scope, { id }: ApprovalRow, { at, by }: Pick<Grant, 'at' | 'by'>): Promise<void> {
  await rows.update('approvals', { ended_at: at, ended_by: by }).where('id', '=', id).execute();
}

function toApproved(row: ApprovalRow, texts: ReadonlyMap<VersionId, string>): ApprovedVersion {
  const content = textOf(texts, row.version);
  if (sha256(content) !== row.content_digest)
    throw brokenLog(`the text of the approved version of ${row.ref_text} was edited`);
  const { version, provenance, id } = row;
  return { refText: row.ref_text, version, content, provenance, approval: id, approvedAt: row.approved_at };
}
