import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { SealwatchError } from '../errors.js';
import { isBusy, toStoreError } from './sqlite-error.js';

/** Longer than it takes to find an authorization server and to renew a token, with every answer as late as it may be. */
const WAIT_MS = 180_000;

const POLL_MS = 50;

/**
 * Does something while nobody else does so under the name: no other process of this folder, nor anybody in this one.
 *
 * It is the file lock of an SQLite transaction that is never committed: the operating system gives it back when a process ends,
 * however it ends.
 *
 * @throws {SealwatchError} `OAUTH_FAILED` where somebody else does not come to an end.
 */
export async function alone<Result>(folder: string, name: string, action: () => Promise<Result>): Promise<Result> {
  const key = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const lock = await take(join(folder, `${key}.lock`), name);
  try {
    return await action();
  } finally {
    lock.close();
  }
}

async function take(file: string, name: string): Promise<Database.Database> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const lock = tryToTake(file);
    if (lock !== undefined) return lock;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new SealwatchError(
    'OAUTH_FAILED',
    `${name} is being renewed by another process, which does not come to an end`,
  );
}

function tryToTake(file: string): Database.Database | undefined {
  let database: Database.Database | undefined;
  try {
    // Whoever else may read a file can keep us from locking it.
    writeFileSync(file, '', { flag: 'a', mode: 0o600 });
    database = new Database(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw toStoreError(error);
  }
}
