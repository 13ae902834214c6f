import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';

/** Held for as long as a service runs; two would send every alert twice. */
export interface ServiceLock {
  /** Keeps where the service is reached, for the message that a second one gets. */
  announce(url: string): void;
  release(): void;
}

/**
 * Returns the lock of a state directory. The operating system gives it back when the process ends, however it ends: it is the
 * file lock of an SQLite transaction that is never committed, so there is no stale lock to clear away.
 *
 * @throws {SealwatchError} `SERVICE_RUNNING`, `STORE_FAILED`
 */
export function takeServiceLock(stateDir: string): ServiceLock {
  const details = join(stateDir, 'service.json');
  const database = lock(join(stateDir, 'service.lock'), details);
  return {
    announce: (url) => {
      writeFileSync(details, `${JSON.stringify({ pid: process.pid, url })}\n`, { mode: 0o600 });
    },
    release: () => {
      database.close();
    },
  };
}

function lock(file: string, details: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    const isHeld = cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY');
    if (isHeld)
      throw new SealwatchError('SERVICE_RUNNING', `a service runs on this state directory already${describe(details)}`);
    throw new SealwatchError('STORE_FAILED', `cannot lock ${file}: ${messageOf(cause)}`, { cause });
  }
}

function describe(details: string): string {
  try {
    const { pid, url } = z.object({ pid: z.int(), url: z.url() }).parse(JSON.parse(readFileSync(details, 'utf8')));
    return `: process ${pid}, ${url}`;
  } catch {
    // It has not announced itself yet; that it runs is known from the lock.
    return '';
  }
}
