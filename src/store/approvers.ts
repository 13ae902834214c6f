import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';
import type { Approver, Store } from '../ports.js';
import { approverClaim, browserClaim } from './claims.js';
import type { ApproverRow } from './people-tables.js';
import type { Reading, Writing } from './transactions.js';

/** @throws {SealwatchError} `APPROVER_EXISTS` */
export async function saveApprover(writing: Writing, approver: Parameters<Store['addApprover']>[0]): Promise<void> {
  const { name } = approver;
  if ((await findApprover(writing, name)) !== undefined) {
    throw new SealwatchError('APPROVER_EXISTS', `there is an approver ${quote(name)} already: remove it first`);
  }
  const row = {
    name,
    token_hash: approver.tokenHash,
    code_hash: approver.codeHash,
    code_expires_at: approver.codeExpiresAt,
    added_at: approver.at,
    added_by: approver.by,
  };
  const leaf = await writing.append(approverClaim(row));
  await writing.rows.insert('approvers', { ...row, code_used_at: null, leaf }).execute();
}

/** Returns the approvers by name, with how many browsers each has enrolled. */
export async function loadApprovers({ rows }: Reading, now: string): Promise<readonly Approver[]> {
  const approvers = await rows.select('approvers').select(['name', 'added_at']).orderBy('name').execute();
  const browsers = await rows.select('browsers').select('name').where('expires_at', '>', now).execute();
  return approvers.map(({ name, added_at }) => ({
    name,
    addedAt: added_at,
    browsers: browsers.filter((browser) => browser.name === name).length,
  }));
}

/** Ends everything an approver can decide with. @throws {SealwatchError} `APPROVER_UNKNOWN` */
export async function deleteApprover(writing: Writing, name: string, at: string, by: string): Promise<void> {
  const approver = await findApprover(writing, name);
  if (approver === undefined) throw new SealwatchError('APPROVER_UNKNOWN', `there is no approver ${quote(name)}`);
  // The entry ends the approver's: a row that is put back does not count, nor do the browsers that name it.
  await writing.append({ type: 'approver-removed', at, actor: by, details: { name }, ends: approver.leaf });
  await writing.rows.remove('browsers').where('name', '=', name).execute();
  await writing.rows.remove('approvers').where('name', '=', name).execute();
}

/** Returns whose token it is. @throws {SealwatchError} `AUDIT_BROKEN` for a token that was put there by somebody else. */
export async function nameOfToken(reading: Reading, tokenHash: string): Promise<string | undefined> {
  const row = await reading.rows.select('approvers').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
  if (row === undefined) return undefined;
  await proveApprover(reading, row);
  return row.name;
}

/** Uses up a code and enrols the browser; `undefined` where the code is unknown, used or expired. */
export async function saveBrowser(
  writing: Writing,
  { codeHash, sessionHash, at, expiresAt }: Parameters<Store['enrolBrowser']>[0],
): Promise<string | undefined> {
  const { rows } = writing;
  const approver = await rows.select('approvers').selectAll().where('code_hash', '=', codeHash).executeTakeFirst();
  if (approver?.code_used_at !== null || at >= approver.code_expires_at) return undefined;
  await proveApprover(writing, approver);
  const { name } = approver;
  const row = {
    session_hash: sessionHash,
    name,
    approver_leaf: approver.leaf,
    enrolled_at: at,
    expires_at: expiresAt,
  };
  const leaf = await writing.append(browserClaim(row));
  await rows.remove('browsers').where('expires_at', '<=', at).execute();
  await rows.insert('browsers', { ...row, leaf }).execute();
  await rows.update('approvers', { code_used_at: at }).where('name', '=', name).execute();
  return name;
}

/** Returns whose browser it is. @throws {SealwatchError} `AUDIT_BROKEN` for a session that was put there by somebody else. */
export async function nameOfSession(reading: Reading, sessionHash: string, now: string): Promise<string | undefined> {
  const { rows, log } = reading;
  const row = await rows.select('browsers').selectAll().where('session_hash', '=', sessionHash).executeTakeFirst();
  if (row === undefined || now >= row.expires_at) return undefined;
  const approver = await findApprover(reading, row.name);
  if (approver?.leaf !== row.approver_leaf) return undefined;
  await proveApprover(reading, approver);
  await log.prove(rows, row.leaf, browserClaim(row));
  return row.name;
}

async function findApprover({ rows }: Reading, name: string): Promise<ApproverRow | undefined> {
  return rows.select('approvers').selectAll().where('name', '=', name).executeTakeFirst();
}

async function proveApprover({ rows, log }: Reading, row: ApproverRow): Promise<void> {
  await log.catchUp(rows);
  await log.prove(rows, row.leaf, approverClaim(row));
}
