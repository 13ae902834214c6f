import { actorText, type Comment } from '../model/change-request.js';
import type { Store } from '../ports.js';
import { commentClaim } from './claims.js';
import { expectRequest } from './requests.js';
import type { Reading, Writing } from './transactions.js';

/** Keeps a comment, with its entry in the log. @throws {SealwatchError} `NOT_FOUND` */
export async function saveComment(
  writing: Writing,
  { request, actor, at, text }: Parameters<Store['addComment']>[0],
): Promise<void> {
  await expectRequest(writing.rows, request);
  const row = { request, written_by: actorText(actor), written_at: at, text };
  const leaf = await writing.append(commentClaim(row));
  await writing.rows.insert('comments', { ...row, leaf }).execute();
}

/**
 * Returns the comments on a request, oldest first.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that nobody wrote: "I asked the vendor, this is fine" makes people approve.
 */
export async function loadComments({ rows, log }: Reading, request: number): Promise<readonly Comment[]> {
  const stored = await rows.select('comments').selectAll().where('request', '=', request).orderBy('leaf').execute();
  if (stored.length > 0) await log.catchUp(rows);
  for (const row of stored) await log.prove(rows, row.leaf, commentClaim(row));
  return stored.map((row) => ({ by: row.written_by, at: row.written_at, text: row.text }));
}
