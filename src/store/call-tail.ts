import { brokenCalls } from './broken-calls.js';
import type { CallDatabase } from './call-database.js';
import type { CallEntry } from './call-entry.js';
import type { CallHead } from './call-head.js';
import type { Seal } from './seal.js';

/** Where the log ends: the place of the next entry, and the seal to which it is chained. */
export interface TailEnd {
  readonly next: number;
  readonly chain: string;
}

/** An entry that is in no tree yet: its seal says that it is genuine, and that it follows the one before. */
export interface TailEntry extends CallEntry {
  readonly seal: string;
}

interface TailRow extends TailEntry {
  /** Says that nothing follows; empty where something does. */
  readonly ends: string;
}

/** Returns an entry at the end of the log. */
export function chained(
  { next, chain }: TailEnd,
  { salt, details }: Pick<CallEntry, 'salt' | 'details'>,
  seal: Seal,
): TailEntry {
  return { position: next, salt, details, seal: seal(['call', chain, String(next), salt, details]) };
}

/** Returns where the log ends behind an entry. */
export function endAfter({ position, seal }: TailEntry): TailEnd {
  return { next: position + 1, chain: seal };
}

/**
 * Writes an entry, and returns whether its place was still the end of the log: another process may have written meanwhile. One statement,
 * so that an entry alone needs no transaction around it.
 */
export function appendTail(database: CallDatabase, entry: TailEntry, seal: Seal): boolean {
  const { position, salt, details, seal: own } = entry;
  const ends = endSeal(endAfter(entry), seal);
  return database.prepared(APPEND).run(position, salt, details, own, ends, position - 1).changes === 1;
}

const APPEND = `insert into tail (position, salt, details, seal, ends)
  select ?, ?, ?, ?, ? where coalesce((select max(position) from tail), -1) = ?`;

function endSeal({ next, chain }: TailEnd, seal: Seal): string {
  return seal(['end', String(next), chain]);
}

/** Returns whether the log still ends there. */
export function isEnd(database: CallDatabase, { next, chain }: TailEnd): boolean {
  const last = database.prepared('select position, seal from tail order by position desc limit 1').get() as
    | Pick<TailEntry, 'position' | 'seal'>
    | undefined;
  return last?.position === next - 1 && last.seal === chain;
}

/**
 * Returns the entries that are in no tree yet.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` where they are not those that were written
 */
export function readTail(database: CallDatabase, { tree, chain }: CallHead, seal: Seal): readonly TailEntry[] {
  const rows = database
    .prepared('select position, salt, details, seal, ends from tail where position >= ? order by position')
    .all(tree.size - 1) as readonly TailRow[];
  const [last, ...entries] = rows;
  // The last one in the tree stays until others follow, so that nobody takes its place for the end.
  if (last?.position !== tree.size - 1 || last.seal !== chain) throw brokenCalls('its newest entries are gone');
  checked(entries, { next: tree.size, chain }, seal);
  // Attack: the last ones are cut off. What comes before them says no more that nothing follows.
  for (const [index, row] of rows.entries())
    if (row.ends !== (index === entries.length ? endSeal(endAfter(row), seal) : ''))
      throw brokenCalls('its newest entries are gone');
  return entries;
}

function checked(entries: readonly TailEntry[], from: TailEnd, seal: Seal): void {
  let end = from;
  for (const entry of entries) {
    if (entry.position !== end.next) throw brokenCalls(`entry ${end.next} is missing`);
    if (chained(end, entry, seal).seal !== entry.seal) throw brokenCalls(`entry ${end.next} is not what was written`);
    end = endAfter(entry);
  }
}

/** Forgets what is in the tree now, but for the place and the seal of the last; of an empty log that is the place before the first. */
export function cutTail(database: CallDatabase, { tree, chain }: CallHead, seal: Seal): void {
  database.prepared('delete from tail where position < ?').run(tree.size);
  const ends = endSeal({ next: tree.size, chain }, seal);
  database
    .prepared(`insert into tail (position, salt, details, seal, ends) values (?, '', '', ?, ?)`)
    .run(tree.size - 1, chain, ends);
}
