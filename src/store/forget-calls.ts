import type { CallDatabase } from './call-database.js';
import type { CallLeaf } from './call-entry.js';
import type { CallHead } from './call-head.js';
import { grown } from './verify-calls.js';

/** Others can write in between. */
export const ROWS_PER_STEP = 5_000;

/** Removes some of the oldest entries up to a position. Returns how many, and the head that goes on from what they came to. */
export function forgetStep(
  database: CallDatabase,
  head: CallHead,
  until: number,
): { readonly head: CallHead; readonly result: number } {
  const end = Math.min(until, head.base.size + ROWS_PER_STEP);
  // Without their content: that of thousands has no room in memory.
  const rows = database.prepared(LEAVES).all(end) as CallLeaf[];
  const base = rows.reduce(grown, head.base);
  database.prepared('delete from entries where position < ?').run(end);
  return { head: { ...head, base }, result: rows.length };
}

const LEAVES = 'select position, at, type, digest from entries where position < ? order by position';

/** Returns the first entry from a moment on; all of them are older where there is none. */
export function firstSince(database: CallDatabase, before: string): number {
  const row = database.prepared('select position from entries where at >= ? order by position limit 1').get(before) as
    | { readonly position: number }
    | undefined;
  return row?.position ?? Number.MAX_SAFE_INTEGER;
}
