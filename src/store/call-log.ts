import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import Database from 'better-sqlite3';

import { SealwatchError } from '../errors.js';
import type { CallAnswered, CallFilter, CallLogVerdict, CallRecord } from '../model/call.js';
import type { CallLog, Clock, Random } from '../ports.js';
import { loadKeys } from './audit-key.js';
import type { LogKeys } from './audit-log.js';
import {
  answeredRow,
  askedRow,
  callLeaf,
  type CallRow,
  isGenuine,
  type NewCallRow,
  toCallRecord,
} from './call-entry.js';
import { type Checkpoint, isSignedBy, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { stayingInPlace } from './in-place.js';
import { appendLeaf, EMPTY_TREE, type MerkleTree, rootHash } from './merkle-tree.js';
import { type Seal, sealer } from './seal.js';
import { isBusy, toStoreError } from './sqlite-error.js';
import { type StateFiles, stateFiles } from './state-files.js';

/** A signature costs more than a line: what is newer is sealed, which the holder of the key alone can check. */
const SIGN_EVERY_MS = 1_000;

const LOCK_WAIT_MS = 5_000;
const RETRY_MS = 5;
const SALT_BYTES = 16;

/** Others can write in between. */
const ROWS_PER_STEP = 5_000;

/** Beyond the size, so much of the log goes at once. */
const SHARE_FORGOTTEN = 0.1;

const SCHEMA = `
  create table entries (
    position integer primary key,
    at text not null,
    type text not null,
    call integer,
    server text,
    subject text,
    name text,
    decision text,
    digest text not null,
    salt text not null,
    details text not null
  ) strict;
  create unique index entries_by_call on entries (call) where call is not null;
  create index entries_by_server on entries (server, position) where server is not null;
  create table head (
    id integer primary key check (id = 1),
    size integer not null,
    peaks text not null,
    base_size integer not null,
    base_peaks text not null,
    note text,
    seal text not null
  ) strict;`;

interface Options {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a transaction waits for another process's. */
  readonly lockWaitMs?: number;
}

/**
 * Returns the log of calls of a state directory, beside the store whose keys sign it. The database is made with the first call; one that
 * is not there has no calls.
 *
 * @throws {SealwatchError} `AUDIT_KEY_MISSING`
 */
export function openCallLog(stateDir: string, options: Options): CallLog {
  const files = stateFiles(stateDir);
  const keys = loadKeys(files, false);
  if (keys.privateKey === undefined) throw new Error('loaded to be written with');
  return new SqliteCallLog(files, { ...keys, origin: `${keys.origin}/calls` }, sealer(keys.privateKey), options);
}

/** The state of the tree, and of what was forgotten of it. */
interface Head {
  readonly tree: MerkleTree;
  readonly base: MerkleTree;
  readonly note: string | null;
}

interface Pending {
  readonly row: NewCallRow;
  readonly done: (position: number) => void;
  readonly failed: (error: unknown) => void;
}

type Filter = CallFilter & { readonly before?: number; readonly limit: number };

class SqliteCallLog implements CallLog {
  readonly #files: StateFiles;
  readonly #keys: LogKeys;
  readonly #seal: Seal;
  readonly #options: Options;
  readonly #statements = new Map<string, Database.Statement>();
  #database: Database.Database | undefined;
  #expectInPlace: () => void = () => undefined;
  #waiting: Pending[] = [];
  #writing: Promise<void> | undefined;
  #signedAt = Number.NEGATIVE_INFINITY;

  constructor(files: StateFiles, keys: LogKeys, seal: Seal, options: Options) {
    this.#files = files;
    this.#keys = keys;
    this.#seal = seal;
    this.#options = options;
  }

  async asked(call: Parameters<CallLog['asked']>[0]): Promise<number> {
    return await this.#append(askedRow(call, this.#options.random.bytes(SALT_BYTES)));
  }

  async answered(call: number, answer: CallAnswered): Promise<void> {
    await this.#append(answeredRow(call, answer, this.#options.random.bytes(SALT_BYTES)));
  }

  search(filter: Filter): Promise<readonly CallRecord[]> {
    return this.#reading([], (database) => {
      const { where, values } = conditions(filter);
      const rows = database
        .prepare(
          `select a.position, a.details as asked, b.details as answered
           from entries a left join entries b on b.call = a.position
           where a.type = 'asked' ${where} order by a.position desc limit ?`,
        )
        .all(...values, filter.limit) as { position: number; asked: string; answered: string | null }[];
      return rows.map(({ position, asked, answered }) => toCallRecord(position, asked, answered));
    });
  }

  async forget({ before, maxBytes }: { readonly before: string; readonly maxBytes: number }): Promise<number> {
    if (!existsSync(this.#files.calls)) return 0;
    const old = await this.#forgetUntil((database) => firstSince(database, before));
    const { tree, base } = await this.#patiently(() => this.#transaction((database) => this.#readHead(database)));
    const excess = this.#usedBytes() - maxBytes;
    const share = Math.ceil((tree.size - base.size) * SHARE_FORGOTTEN);
    return excess <= 0 ? old : old + (await this.#forgetUntil(() => base.size + share));
  }

  async verify(): Promise<CallLogVerdict> {
    const empty = {
      kind: 'intact',
      size: 0,
      forgotten: 0,
      rootHash: rootText(EMPTY_TREE),
      checkpoint: undefined,
    } as const;
    try {
      return await this.#reading<CallLogVerdict>(empty, (database) => this.#verified(database));
    } catch (error) {
      if (error instanceof SealwatchError && error.code === 'AUDIT_BROKEN')
        return { kind: 'broken', problems: [error.message] };
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    try {
      await this.#patiently(() => {
        this.#signNow();
      });
    } finally {
      this.#statements.clear();
      this.#database?.close();
      this.#database = undefined;
    }
  }

  /** What waits is written together: one transaction, whoever asked. */
  async #append(row: NewCallRow): Promise<number> {
    return await new Promise((done, failed) => {
      this.#waiting.push({ row, done, failed });
      this.#writing ??= this.#writeAll().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  async #writeAll(): Promise<void> {
    // Whatever else comes in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        const first = await this.#patiently(() => this.#write(batch.map(({ row }) => row)));
        for (const [index, { done }] of batch.entries()) done(first + index);
      } catch (error) {
        for (const { failed } of batch) failed(toStoreError(error));
      }
    }
  }

  /** Another process may hold the lock, for milliseconds. */
  async #patiently<Result>(action: () => Result): Promise<Result> {
    const { clock, lockWaitMs = LOCK_WAIT_MS } = this.#options;
    const until = clock.monotonicMs() + lockWaitMs;
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (!isBusy(error) || clock.monotonicMs() > until) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Returns the position of the first. */
  #write(rows: readonly NewCallRow[]): number {
    const isDue = this.#options.clock.monotonicMs() - this.#signedAt >= SIGN_EVERY_MS;
    const { first, head } = this.#transaction((database) => {
      const before = this.#readHead(database);
      const insert = this.#prepared(database, INSERT);
      let { tree } = before;
      for (const row of rows) {
        const placed = { ...row, position: tree.size };
        insert.run(placed);
        tree = appendLeaf(tree, callLeaf(placed));
      }
      const after = isDue ? this.#signed({ ...before, tree }) : { ...before, tree };
      this.#writeHead(database, after);
      return { first: before.tree.size, head: after };
    }, isDue);
    if (isDue) this.#witness(head);
    return first;
  }

  #signNow(): void {
    if (this.#database === undefined) return;
    const head = this.#transaction((database) => {
      const signed = this.#signed(this.#readHead(database));
      this.#writeHead(database, signed);
      return signed;
    }, true);
    this.#witness(head);
  }

  #signed(head: Head): Head {
    const { origin, publicKey, privateKey } = this.#keys;
    if (privateKey === undefined) return head;
    const checkpoint = { origin, size: head.tree.size, root: rootHash(head.tree) };
    return { ...head, note: signCheckpoint(checkpoint, privateKey, publicKey) };
  }

  /** Outside of the database, so that one that goes back is noticed. What is not written is written with the next. */
  #witness({ note }: Head): void {
    this.#signedAt = this.#options.clock.monotonicMs();
    const file = this.#files.callsCheckpoint;
    writeFileSync(`${file}.${process.pid}`, note ?? '', { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  }

  /** Removes the oldest entries up to a position, a step at a time; the tree goes on from what they came to. */
  async #forgetUntil(until: (database: Database.Database) => number): Promise<number> {
    let count = 0;
    for (;;) {
      const step = await this.#patiently(() =>
        this.#transaction((database) => this.#forgetStep(database, until(database))),
      );
      count += step;
      if (step < ROWS_PER_STEP) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (count > 0) this.#open().pragma('incremental_vacuum');
    return count;
  }

  #forgetStep(database: Database.Database, until: number): number {
    const head = this.#readHead(database);
    const end = Math.min(until, head.base.size + ROWS_PER_STEP);
    const rows = database.prepare('select * from entries where position < ? order by position').all(end) as CallRow[];
    const base = rows.reduce((tree, row) => grown(tree, row), head.base);
    database.prepare('delete from entries where position < ?').run(end);
    if (rows.length > 0) this.#writeHead(database, { ...head, base });
    return rows.length;
  }

  #usedBytes(): number {
    const database = this.#open();
    const read = (name: string): number => database.pragma(name, { simple: true }) as number;
    return (read('page_count') - read('freelist_count')) * read('page_size');
  }

  #verified(database: Database.Database): CallLogVerdict {
    const head = this.#readHead(database);
    const signed = this.#checkpointsOf(head);
    let tree = head.base;
    const compare = (): void => {
      for (const { size, root } of signed)
        if (size === tree.size && !root.equals(rootHash(tree)))
          throw broken(`the first ${size} entries are not those that were signed`);
    };
    compare();
    for (const row of database.prepare('select * from entries order by position').iterate() as Iterable<CallRow>) {
      if (!isGenuine(row)) throw broken(`entry ${row.position} is not what was written`);
      tree = grown(tree, row);
      compare();
    }
    if (tree.size !== head.tree.size || !rootHash(tree).equals(rootHash(head.tree)))
      throw broken(`there are ${tree.size} entries that are not the ${head.tree.size} that were sealed`);
    const checkpoint = head.note ?? undefined;
    return { kind: 'intact', size: tree.size, forgotten: head.base.size, rootHash: rootText(tree), checkpoint };
  }

  /** What was signed, in the database and outside of it. */
  #checkpointsOf({ note, tree }: Head): readonly Checkpoint[] {
    const outside = readIfThere(this.#files.callsCheckpoint);
    const notes = [note ?? undefined, outside].filter((text) => text !== undefined);
    return notes.map((text) => {
      const checkpoint = this.#readNote(text);
      if (checkpoint.size > tree.size) throw rolledBack(checkpoint.size, tree.size);
      return checkpoint;
    });
  }

  #readNote(note: string): Checkpoint {
    try {
      const checkpoint = parseCheckpoint(note);
      if (checkpoint.origin === this.#keys.origin && isSignedBy(note, this.#keys.publicKey)) return checkpoint;
    } catch {
      // What is no checkpoint is not signed either.
    }
    throw broken('its checkpoint is not signed by the key of this store');
  }

  #readHead(database: Database.Database): Head {
    const row = this.#prepared(database, 'select * from head').get() as HeadRow | undefined;
    if (row === undefined) throw broken('it has no head');
    if (row.seal !== this.#seal(sealedValues(row))) throw broken('its head is not the one that was sealed');
    return {
      tree: treeOf(row.size, row.peaks),
      base: treeOf(row.base_size, row.base_peaks),
      note: row.note,
    };
  }

  #writeHead(database: Database.Database, { tree, base, note }: Head): void {
    const row = {
      size: tree.size,
      peaks: peaksText(tree),
      base_size: base.size,
      base_peaks: peaksText(base),
      note,
    };
    this.#prepared(database, REPLACE_HEAD).run({ ...row, seal: this.#seal(sealedValues(row)) });
  }

  /** Once for each statement: this is on the way of every call. */
  #prepared(database: Database.Database, sql: string): Database.Statement {
    const known = this.#statements.get(sql) ?? database.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  /** What is signed is on the disk first: else the copy outside would look ahead after a power cut, as if the log had gone back. */
  #transaction<Result>(action: (database: Database.Database) => Result, isSynced = false): Result {
    const database = this.#open();
    if (isSynced) database.pragma('synchronous = FULL');
    try {
      return database.transaction(() => action(database)).immediate();
    } finally {
      if (isSynced) database.pragma('synchronous = NORMAL');
    }
  }

  async #reading<Result>(without: Result, action: (database: Database.Database) => Result): Promise<Result> {
    try {
      if (this.#database === undefined && !existsSync(this.#files.calls)) {
        if (readIfThere(this.#files.callsCheckpoint) === undefined) return without;
        throw broken('calls.db is gone, and was there when its checkpoint was signed');
      }
      return await this.#patiently(() => {
        const database = this.#open();
        return database.transaction(() => action(database)).deferred();
      });
    } catch (error) {
      throw toStoreError(error);
    }
  }

  #open(): Database.Database {
    this.#database ??= this.#opened();
    this.#expectInPlace();
    return this.#database;
  }

  #opened(): Database.Database {
    const database = new Database(this.#files.calls, { timeout: 0 });
    try {
      chmodSync(this.#files.calls, 0o600);
      database.pragma('auto_vacuum = INCREMENTAL');
      database.pragma('journal_mode = WAL');
      // A commit survives the end of the process; one that a power cut takes along is one that no checkpoint was signed for.
      database.pragma('synchronous = NORMAL');
      database
        .transaction(() => {
          this.#bringUp(database);
        })
        .immediate();
      this.#expectNotBefore(database);
      this.#expectInPlace = stayingInPlace(this.#files.calls);
      return database;
    } catch (error) {
      this.#statements.clear();
      database.close();
      throw error;
    }
  }

  #bringUp(database: Database.Database): void {
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > 1) throw new SealwatchError('STORE_NEWER', 'calls.db was written by a newer version of Sealwatch');
    if (version === 1) return;
    if (readIfThere(this.#files.callsCheckpoint) !== undefined)
      throw broken('calls.db is gone, and was there when its checkpoint was signed');
    database.exec(SCHEMA);
    this.#writeHead(database, { tree: EMPTY_TREE, base: EMPTY_TREE, note: null });
    database.pragma('user_version = 1');
  }

  #expectNotBefore(database: Database.Database): void {
    this.#checkpointsOf(this.#readHead(database));
  }
}

const INSERT = `insert into entries (position, at, type, call, server, subject, name, decision, digest, salt, details)
  values (@position, @at, @type, @call, @server, @subject, @name, @decision, @digest, @salt, @details)`;

const REPLACE_HEAD = `insert or replace into head (id, size, peaks, base_size, base_peaks, note, seal)
  values (1, @size, @peaks, @base_size, @base_peaks, @note, @seal)`;

interface HeadRow {
  readonly size: number;
  readonly peaks: string;
  readonly base_size: number;
  readonly base_peaks: string;
  readonly note: string | null;
  readonly seal: string;
}

function sealedValues({
  size,
  peaks,
  base_size: baseSize,
  base_peaks: basePeaks,
  note,
}: Omit<HeadRow, 'seal'>): readonly string[] {
  return ['calls', String(size), peaks, String(baseSize), basePeaks, note ?? ''];
}

function peaksText({ peaks }: MerkleTree): string {
  return peaks.map((peak) => peak.toString('hex')).join(' ');
}

function treeOf(size: number, peaks: string): MerkleTree {
  return { size, peaks: peaks === '' ? [] : peaks.split(' ').map((peak) => Buffer.from(peak, 'hex')) };
}

function rootText(tree: MerkleTree): string {
  return rootHash(tree).toString('base64');
}

function grown(tree: MerkleTree, row: CallRow): MerkleTree {
  if (row.position !== tree.size) throw broken(`entry ${tree.size} is missing`);
  return appendLeaf(tree, callLeaf(row));
}

function conditions({ server, subject, decision, text, since, until, before }: Filter): {
  readonly where: string;
  readonly values: readonly (string | number)[];
} {
  const all: readonly (readonly [string, string | number | undefined])[] = [
    ['a.server = ?', server],
    ['a.subject = ?', subject],
    ['a.decision = ?', decision],
    [`instr(lower(a.name || char(10) || json_extract(a.details, '$.parameters')), lower(?)) > 0`, text],
    ['a.at >= ?', since],
    ['a.at < ?', until],
    ['a.position < ?', before],
  ];
  const given = all.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
  return { where: given.map(({ sql }) => `and ${sql}`).join(' '), values: given.map(({ value }) => value) };
}

/** The first entry from a moment on; all of them are older where there is none. */
function firstSince(database: Database.Database, before: string): number {
  const row = database.prepare('select position from entries where at >= ? order by position limit 1').get(before) as
    | { readonly position: number }
    | undefined;
  return row?.position ?? Number.MAX_SAFE_INTEGER;
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function broken(why: string): SealwatchError {
  return new SealwatchError(
    'AUDIT_BROKEN',
    `the log of calls is broken: ${why}; find out why, keep calls.db and calls.checkpoint elsewhere, and a new log begins`,
  );
}

function rolledBack(signed: number, size: number): SealwatchError {
  return broken(`it has ${size} entries, and ${signed} were signed`);
}
