import Database from 'better-sqlite3';
import { Kysely } from 'kysely';

import { SealwatchError } from '../errors.js';
import { databaseVersion, migrate, NEWEST_VERSION } from './migrations.js';
import { expectSchema, readSchema } from './schema.js';
import { BUSY_TIMEOUT_MS, sqliteDialect } from './sqlite-dialect.js';
import type { Tables } from './tables.js';

export interface DatabaseOptions {
  readonly isReadOnly: boolean;
  readonly lockWaitMs: number;
  readonly monotonicMs: () => number;
}

/**
 * Opens the database of a store, checks it, and brings it to the newest version.
 *
 * @throws {SealwatchError} `STORE_CORRUPT`, `STORE_NEWER`, `STORE_LOCKED`, `STORE_READ_ONLY` (also for an older version that is
 * only to be read), `STORE_FAILED`
 */
export async function openDatabase(path: string, options: DatabaseOptions): Promise<Kysely<Tables>> {
  const database = connect(path, options.isReadOnly);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database, options) });
  try {
    checkPages(database);
    const version = await databaseVersion(db);
    if (version < NEWEST_VERSION) await bringUp(db, version, options);
    expectSchema(readSchema(database), await newestSchema(options));
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function bringUp(db: Kysely<Tables>, version: number, { isReadOnly }: DatabaseOptions): Promise<void> {
  if (!isReadOnly) return db.transaction().execute(migrate);
  throw new SealwatchError(
    'STORE_READ_ONLY',
    `the store has version ${version} and has to be brought to ${NEWEST_VERSION} first: run a command that writes, like \`sealwatch scan\``,
  );
}

/** Makes the tables of a new database in an empty file, and returns it open. */
export async function createDatabase(path: string, options: DatabaseOptions): Promise<Kysely<Tables>> {
  const database = connect(path, false);
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database, options) });
  await db.transaction().execute(migrate);
  return db;
}

function connect(path: string, isReadOnly: boolean): Database.Database {
  const database = new Database(path, { fileMustExist: true, readonly: isReadOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    if (!isReadOnly) database.pragma('journal_mode = WAL');
    // FULL: a commit is on disk before its checkpoint is copied outside, so that a power cut cannot make the copy look ahead.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkPages(database: Database.Database): void {
  const answers = database.pragma('quick_check(1)') as readonly { readonly quick_check: string }[];
  const answer = answers[0]?.quick_check;
  if (answer === 'ok') return;
  throw new SealwatchError(
    'STORE_CORRUPT',
    `the store is damaged (${answer ?? 'no answer'}): restore sealwatch.db from a backup`,
  );
}

async function newestSchema(options: DatabaseOptions): Promise<ReturnType<typeof readSchema>> {
  const database = new Database(':memory:');
  const db = new Kysely<Tables>({ dialect: sqliteDialect(database, options) });
  await migrate(db);
  const schema = readSchema(database);
  await db.destroy();
  return schema;
}
