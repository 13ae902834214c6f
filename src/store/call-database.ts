import { chmodSync } from 'node:fs';

import Database from 'better-sqlite3';

import { SealwatchError } from '../errors.js';

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

/** Entries are written here first: one small page for each write, whatever is kept. */
const SCHEMA_2 = `
  alter table head add column chain text not null default '';
  create table tail (
    position integer primary key,
    count integer not null,
    entries text not null,
    seal text not null
  ) strict;`;

const VERSION = 2;

/**
 * Pages that are written before they are copied into the database and the disk is waited for: most of them are the same page again and
 * again, of which the last is copied.
 */
const PAGES_PER_CHECKPOINT = 8_000;

/** The database of the log of calls, open. */
export class CallDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();

  /** @throws {SealwatchError} `STORE_NEWER`; and what `bringUp` throws, which makes of an empty or older database a newer one. */
  constructor(path: string, bringUp: (database: CallDatabase, from: 0 | 1) => void) {
    this.#database = new Database(path, { timeout: 0 });
    try {
      chmodSync(path, 0o600);
      this.#database.pragma('auto_vacuum = INCREMENTAL');
      this.#database.pragma('journal_mode = WAL');
      this.#database.pragma(`wal_autocheckpoint = ${PAGES_PER_CHECKPOINT}`);
      // A commit survives the end of the process; one that a power cut takes along is one that no checkpoint was signed for.
      this.#database.pragma('synchronous = NORMAL');
      this.writing(() => {
        this.#bringUp(bringUp);
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Once for each statement: this is on the way of every call. */
  prepared(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** One transaction that writes. */
  writing<Result>(action: () => Result): Result {
    return this.#database.transaction(action).immediate();
  }

  /** One transaction that writes, and is on the disk when this returns. */
  writingSynced<Result>(action: () => Result): Result {
    this.#database.pragma('synchronous = FULL');
    try {
      return this.writing(action);
    } finally {
      this.#database.pragma('synchronous = NORMAL');
    }
  }

  /** One transaction that reads. */
  reading<Result>(action: () => Result): Result {
    return this.#database.transaction(action).deferred();
  }

  get usedBytes(): number {
    const read = (name: string): number => this.#database.pragma(name, { simple: true }) as number;
    return (read('page_count') - read('freelist_count')) * read('page_size');
  }

  /** Gives what was deleted back to the file system. */
  shrink(): void {
    this.#database.pragma('incremental_vacuum');
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #bringUp(bringUp: (database: CallDatabase, from: 0 | 1) => void): void {
    const version = this.#database.pragma('user_version', { simple: true }) as number;
    if (version > VERSION)
      throw new SealwatchError('STORE_NEWER', 'calls.db was written by a newer version of Sealwatch');
    if (version === VERSION) return;
    const from = version === 0 ? 0 : 1;
    if (from === 0) this.#database.exec(SCHEMA);
    this.#database.exec(SCHEMA_2);
    bringUp(this, from);
    this.#database.pragma(`user_version = ${VERSION}`);
  }
}
