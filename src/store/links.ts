import { SealwatchError } from '../errors.js';
import type { Link, Settlement } from '../ports.js';
import { linkClaim } from './claims.js';
import type { LinkRow } from './people-tables.js';
import type { Reading, Writing } from './transactions.js';

/** Stores a link, with its entry in the log. */
export async function saveLink(writing: Writing, link: Omit<Link, 'usedAt'>): Promise<void> {
  const { hash, request, digest, recipient } = link;
  const row = { hash, request, digest, recipient, issued_at: link.issuedAt, expires_at: link.expiresAt };
  const leaf = await writing.append(linkClaim(row));
  await writing.rows.insert('links', { ...row, used_at: null, leaf }).execute();
}

/**
 * Returns a link by the hash of its token; `undefined` where it was never issued.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that was put there by somebody else.
 */
export async function loadLink({ rows, log }: Reading, hash: string): Promise<Link | undefined> {
  const row = await rows.select('links').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) return undefined;
  await log.catchUp(rows);
  await log.prove(rows, row.leaf, linkClaim(row));
  return toLink(row);
}

/**
 * Uses a link up for a settlement. It is bound to what its request asks for; that it is what the person saw was held before.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `APPROVAL_SETTLED` where it was used, `APPROVAL_STALE` where it is for another change or expired.
 */
export async function useLink(
  writing: Writing,
  hash: string,
  asked: string,
  { request, at }: Settlement,
): Promise<void> {
  const link = await loadLink(writing, hash);
  if (link === undefined) throw new SealwatchError('NOT_FOUND', 'no such link');
  if (link.usedAt !== undefined) throw new SealwatchError('APPROVAL_SETTLED', `this link was used at ${link.usedAt}`);
  if (link.request !== request || link.digest !== asked) {
    throw new SealwatchError('APPROVAL_STALE', 'this link was issued for another change');
  }
  if (at >= link.expiresAt) throw new SealwatchError('APPROVAL_STALE', `this link expired at ${link.expiresAt}`);
  await writing.rows.update('links', { used_at: at }).where('hash', '=', hash).execute();
}

function toLink(row: LinkRow): Link {
  const { hash, request, digest, recipient } = row;
  return {
    hash,
    request,
    digest,
    recipient,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at ?? undefined,
  };
}
