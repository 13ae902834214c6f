import type { Grant, Principal } from '../model/principal.js';
import type { Store } from '../ports.js';
import { sessionClaim } from './claims.js';
import type { SessionRow } from './people-tables.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';
import type { Reading, Writing } from './transactions.js';

/** Keeps a session, with its entry in the log; the one that it replaces is ended, and expired ones are removed. */
export async function saveSession(
  writing: Writing,
  { hash, principal, at, expiresAt, replaces }: Parameters<Store['openSession']>[0],
): Promise<void> {
  if (replaces !== undefined) await deleteSession(writing, replaces, at);
  await writing.rows.remove('sessions').where('expires_at', '<=', at).execute();
  const { id, name, how, grants } = principal;
  const row = {
    session_hash: hash,
    principal: id,
    name,
    how,
    grants: JSON.stringify(grants),
    started_at: at,
    expires_at: expiresAt,
  };
  const leaf = await writing.append(sessionClaim(row));
  await writing.rows.insert('sessions', { ...row, last_used_at: at, leaf }).execute();
}

/**
 * Returns whose session it is; `undefined` where it is nobody's, expired, or was not used for too long.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that was put there by somebody else, was given more rights, or was ended.
 */
export async function principalOfSession(
  { rows, log }: Reading,
  hash: string,
  now: string,
  idleSince: string,
): Promise<Principal | undefined> {
  const row = await findSession(rows, hash);
  if (row === undefined || now >= row.expires_at || row.last_used_at < idleSince) return undefined;
  await log.catchUp(rows);
  await log.prove(rows, row.leaf, sessionClaim(row));
  return {
    id: row.principal,
    name: row.name,
    how: row.how as Principal['how'],
    grants: readJson<readonly Grant[]>(row.grants),
  };
}

/** Moves the time of last use forward. */
export async function saveUse(rows: Scope, hash: string, at: string): Promise<void> {
  await rows
    .update('sessions', { last_used_at: at })
    .where('session_hash', '=', hash)
    .where('last_used_at', '<', at)
    .execute();
}

/** Ends a session; the entry ends its entry, so that a row that is put back does not count. One that is gone is passed over. */
export async function deleteSession(writing: Writing, hash: string, at: string): Promise<void> {
  const { rows } = writing;
  const row = await findSession(rows, hash);
  if (row === undefined) return;
  const actor = `${row.name} (${row.how})`;
  await writing.append({ type: 'signed-out', at, actor, details: { session: hash }, ends: row.leaf });
  await rows.remove('sessions').where('session_hash', '=', hash).execute();
}

/** Ends every session. */
export async function deleteAllSessions(writing: Writing, at: string): Promise<void> {
  const all = await writing.rows.select('sessions').select('session_hash').execute();
  for (const { session_hash: hash } of all) await deleteSession(writing, hash, at);
}

async function findSession(rows: Scope, hash: string): Promise<SessionRow | undefined> {
  return rows.select('sessions').selectAll().where('session_hash', '=', hash).executeTakeFirst();
}
