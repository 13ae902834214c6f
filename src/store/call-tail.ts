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
export function appendTail(database: CallDatabase, { position, salt, details, seal }: TailEntry): boolean {
  return database.prepared(APPEND).run(position, salt, details, seal, position - 1).changes === 1;
}

const APPEND = `insert into tail (position, salt, details, seal)
  select ?, ?, ?, ? where coalesce((select max(position) from tail), -1) = ?`;

/** Returns whether the log still ends there. */
export function isEnd(database: CallDatabase, { next, chain }: TailEnd): boolean {
  const last = database.prepared('select position, seal from tail order by position desc limit 1').get() as
    | Pick<TailEntry, 'position' | 'seal'>
    | undefined;
  return last === undefined ? next === 0 : last.position === next - 1 && last.seal === chain;
}

/**
 * Returns the entries that are in no tree yet.
 *
 * @throws {SealwatchError} `AUDIT_BROKEN` where they are not those that were written
 */
export function readTail(database: CallDatabase, { tree, chain }: CallHead, seal: Seal): readonly TailEntry[] {
  const [last, ...entries] = database
    .prepared('select position, salt, details, seal from tail where position >= ? order by position')
    .all(tree.size - 1) as readonly TailEntry[];
  if (tree.size === 0) return last === undefined ? [] : checked([last, ...entries], { next: 0, chain }, seal);
  // The last one in the tree stays until others follow, so that nobody takes its place for the end.
  if (last?.position !== tree.size - 1 || last.seal !== chain) throw brokenCalls('its newest entries are gone');
  return checked(entries, { next: tree.size, chain }, seal);
}

function checked(entries: readonly TailEntry[], from: TailEnd, seal: Seal): readonly TailEntry[] {
  let end = from;
  for (const entry of entries) {
    if (entry.position !== end.next) throw brokenCalls(`entry ${end.next} is missing`);
    if (chained(end, entry, seal).seal !== entry.seal) throw brokenCalls(`entry ${end.next} is not what was written`);
    end = endAfter(entry);
  }
  return entries;
}

/** Forgets what is in the tree now, but for the place and the seal of the last. */
export function cutTail(database: CallDatabase, { tree, chain }: CallHead): void {
  database.prepared('delete from tail where position < ?').run(tree.size);
  database.prepared(`insert into tail (position, salt, details, seal) values (?, '', '', ?)`).run(tree.size - 1, chain);
}
