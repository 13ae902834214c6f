import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import { readLock } from '../lock/read-lock.js';
import { writeLock } from '../lock/write-lock.js';
import type { Lock } from '../model/lock.js';
import type { Cli } from './cli.js';

/** The name that is looked for beside the configuration. */
const LOCK_FILE = 'sealwatch.lock.json';

/** A lock with where it stands. */
export interface LockOnDisk {
  readonly path: string;
  readonly text: string;
  readonly lock: Lock;
}

/** Returns where the lock is: as named, else beside the configuration. */
export function lockPath({ io }: Cli, named: string | undefined, configFile: string | undefined): string {
  if (named !== undefined) return resolve(io.cwd(), named);
  return join(configFile === undefined ? io.cwd() : dirname(configFile), LOCK_FILE);
}

/** @throws {SealwatchError} `LOCK_NOT_FOUND`, `LOCK_UNREADABLE`, `LOCK_INVALID` */
export function readLockFile(path: string): LockOnDisk {
  if (!existsSync(path)) throw new SealwatchError('LOCK_NOT_FOUND', `there is no ${path}`);
  const text = readText(path);
  try {
    return { path, text, lock: readLock(text) };
  } catch (cause) {
    if (!(cause instanceof SealwatchError)) throw cause;
    throw new SealwatchError(cause.code, `${path}: ${cause.message}`, { cause });
  }
}

/**
 * Returns the text of a file that is to be compared.
 *
 * @throws {SealwatchError} `LOCK_UNREADABLE`
 */
export function readText(path: string): string {
  try {
    return decodeUtf8(readFileSync(path));
  } catch (cause) {
    throw new SealwatchError('LOCK_UNREADABLE', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Writes a lock whole or not at all. Returns whether the file is another one than before.
 *
 * @throws {SealwatchError} `LOCK_UNREADABLE` where it cannot be written
 */
export function writeLockFile(path: string, lock: Lock): boolean {
  const text = writeLock(lock);
  if (existsSync(path) && readText(path) === text) return false;
  try {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    throw new SealwatchError('LOCK_UNREADABLE', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
  return true;
}
