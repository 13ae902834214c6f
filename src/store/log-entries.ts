import { brokenLog, hasItsDetails } from './audit-entry.js';
import type { Scope } from './scope.js';
import type { AuditRow } from './tables.js';

/** Yields all entries as they stand, oldest first, a few thousand at a time. */
export async function* readLog(rows: Scope): AsyncGenerator<readonly AuditRow[]> {
  let next = 0;
  for (;;) {
    const chunk = await rows
      .select('audit_entries')
      .selectAll()
      .where('position', '>=', next)
      .orderBy('position')
      .limit(ENTRIES_PER_READ)
      .execute();
    const last = chunk.at(-1);
    if (last === undefined) return;
    yield chunk;
    next = last.position + 1;
  }
}

/** Returns the entries of a part of the log, each at its position and with its own details. @throws {SealwatchError} `AUDIT_BROKEN` */
export async function readEntries(rows: Scope, from: number, to: number): Promise<readonly AuditRow[]> {
  const beyond = await rows
    .select('audit_entries')
    .select('position')
    .where('position', '>=', to)
    .limit(1)
    .executeTakeFirst();
  if (beyond !== undefined)
    throw brokenLog(`entry ${beyond.position} of the audit log stands under no signed checkpoint`);
  const entries: AuditRow[] = [];
  while (from + entries.length < to) {
    const next = from + entries.length;
    const chunk = await rows
      .select('audit_entries')
      .selectAll()
      .where('position', '>=', next)
      .where('position', '<', Math.min(to, next + ENTRIES_PER_READ))
      .orderBy('position')
      .execute();
    if (chunk.length === 0) throw brokenLog(`entry ${next} of the audit log is missing`);
    for (const [index, row] of chunk.entries()) checkEntry(row, next + index);
    entries.push(...chunk);
  }
  return entries;
}

/** Enough to be fast, little enough not to hold a long log in memory twice. */
const ENTRIES_PER_READ = 5_000;

function checkEntry(row: AuditRow, position: number): void {
  if (row.position !== position) throw brokenLog(`entry ${position} of the audit log is missing`);
  if (!hasItsDetails(row)) throw brokenLog(`the details of entry ${position} of the audit log were edited`);
}
