import { type Actor, actorText } from '../model/change-request.js';
import type { Waiver } from '../model/finding.js';
import type { ServerId } from '../model/server-id.js';
import { bumpRevision } from './checks.js';
import { waiverClaim } from './claims.js';
import { nextId } from './next-id.js';
import type { WaiverRow } from './tables.js';
import type { Reading, Writing } from './transactions.js';

/** Records a waiver, with its entry in the log. */
export async function saveWaiver(writing: Writing, waiver: Waiver, actor: Actor, at: string): Promise<void> {
  const { rule, version, reason } = waiver;
  const row = {
    server: serverOf(waiver),
    rule,
    ref_text: waiver.refText,
    version,
    reason,
    waived_by: actorText(actor),
    waived_at: at,
    expires_at: waiver.expiresAt,
  };
  const leaf = await writing.append(waiverClaim(row));
  await writing.rows.insert('waivers', { id: await nextId(writing.rows, 'waivers'), ...row, leaf }).execute();
  await bumpRevision(writing.rows, row.server);
}

/**
 * Returns a server's waivers, expired ones too. Catch up with the log before.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` for one that nobody granted: it would lift a block.
 */
export async function loadWaivers({ rows, log }: Reading, server: ServerId): Promise<readonly Waiver[]> {
  const stored = await rows.select('waivers').selectAll().where('server', '=', server).orderBy('id').execute();
  for (const row of stored) await log.prove(rows, row.leaf, waiverClaim(row));
  return stored.map(toWaiver);
}

function toWaiver(row: WaiverRow): Waiver {
  const { rule, version, reason } = row;
  return { rule, refText: row.ref_text, version, reason, by: row.waived_by, expiresAt: row.expires_at };
}

/** The first part of a reference is the server; it has no slash in it. */
function serverOf({ refText }: Waiver): string {
  return refText.split('/')[0] ?? '';
}
