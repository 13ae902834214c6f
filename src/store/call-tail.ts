import { brokenCalls } from './broken-calls.js';
import type { CallDatabase } from './call-database.js';
import type { NewEntry } from './call-entry.js';
import type { CallHead } from './call-head.js';
import type { Seal } from './seal.js';

/** Where the log ends: the place of the next entry, and the seal to which it is chained. */
export interface TailEnd {
  readonly next: number;
  readonly chain: string;
  /** Where the last portion begins; -1 where there is none. */
  readonly last: number;
}

/** Entries that were written together and are in no tree yet. The seal says that they are genuine, and follow the portion before. */
export interface Portion {
  /** Of the first. */
  readonly position: number;
  readonly entries: readonly NewEntry[];
  readonly seal: string;
}

interface TailRow {
  readonly position: number;
  readonly count: number;
  /** JSON: salt and details of each entry. */
  readonly entries: string;
  readonly seal: string;
}

/** Returns where the log ends behind a portion. */
export function endAfter({ position, entries, seal }: Portion): TailEnd {
  return { next: position + entries.length, chain: seal, last: position };
}

/**
 * Writes entries where the log ends; `undefined` where it does not end there any more: another process has written meanwhile. One statement,
 * which is a transaction of its own.
 */
export function appendPortion(
  database: CallDatabase,
  end: TailEnd,
  entries: readonly NewEntry[],
  seal: Seal,
): Portion | undefined {
  const text = JSON.stringify(entries.map(({ salt, details }) => [salt, details]));
  const own = sealOf(end, entries.length, text, seal);
  const { changes } = database.prepared(APPEND).run(end.next, entries.length, text, own, end.last);
  return changes === 1 ? { position: end.next, entries, seal: own } : undefined;
}

const APPEND = `insert into tail (position, count, entries, seal)
  select ?, ?, ?, ? where coalesce((select max(position) from tail), -1) = ?`;

function sealOf({ next, chain }: TailEnd, count: number, entries: string, seal: Seal): string {
  return seal(['calls', chain, String(next), String(count), entries]);
}

/** Returns whether the log still ends there. */
export function isEnd(database: CallDatabase, { next, chain, last }: TailEnd): boolean {
  const row = database.prepared('select position, count, seal from tail order by position desc limit 1').get() as
    | Omit<TailRow, 'entries'>
    | undefined;
  if (row === undefined) return next === 0;
  return row.position === last && row.position + row.count === next && row.seal === chain;
}

/**
 * Returns the portions that are in no tree yet, and where the log ends.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` where they are not those that were written
 */
export function readTail(
  database: CallDatabase,
  { tree, chain }: CallHead,
  seal: Seal,
): { readonly portions: readonly Portion[]; readonly end: TailEnd } {
  const rows = database.prepared('select * from tail order by position').all() as TailRow[];
  const portions: Portion[] = [];
  let end: TailEnd = { next: 0, chain: '', last: -1 };
  if (tree.size > 0) {
    // The last portion of the tree stays until others follow, so that nobody takes its place for the end.
    const row = rows.shift();
    if (row === undefined || row.position + row.count !== tree.size || row.seal !== chain)
      throw brokenCalls('its newest entries are gone');
    end = { next: tree.size, chain, last: row.position };
  }
  for (const row of rows) {
    if (row.position !== end.next) throw brokenCalls(`entry ${end.next} is missing`);
    if (sealOf(end, row.count, row.entries, seal) !== row.seal)
      throw brokenCalls(`entry ${end.next} is not what was written`);
    const portion = { position: row.position, entries: entriesIn(row.entries), seal: row.seal };
    portions.push(portion);
    end = endAfter(portion);
  }
  return { portions, end };
}

function entriesIn(text: string): readonly NewEntry[] {
  const pairs = JSON.parse(text) as readonly (readonly [string, string])[];
  return pairs.map(([salt, details]) => ({ salt, details }));
}

/** Forgets what is in the tree now, but for the place and the seal of the last portion. */
export function cutTail(database: CallDatabase, { position }: Portion): void {
  database.prepared('delete from tail where position < ?').run(position);
  database.prepared(`update tail set entries = '[]' where position = ?`).run(position);
}

/** Begins the tail of a log that has entries already. */
export function startTail(database: CallDatabase, { tree, chain }: CallHead): void {
  database.prepared(`insert into tail (position, count, entries, seal) values (0, ?, '[]', ?)`).run(tree.size, chain);
}
