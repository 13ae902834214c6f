import { dirname, join, resolve } from 'node:path';

import { messageOf, SealwatchError } from '../errors.js';
import type { Config } from '../config/config.js';
import { readLock } from '../lock/read-lock.js';
import { writeLock } from '../lock/write-lock.js';
import type { Lock } from '../model/lock.js';
import type { Server } from '../model/server.js';
import type { Cli } from './cli.js';
import { readAtMost } from './read-at-most.js';
import { replaceFile } from './replace-file.js';

const LOCK_FILE = 'sealwatch.lock.json';

/** Four of the largest listings that were ever seen; a larger file is something else. */
const MAX_LOCK_BYTES = 64 * 1024 * 1024;

/** Returns the absolute path of the lock: beside the configuration, unless another one is named. */
export function lockPath({ io }: Cli, config: Config, named: string | undefined): string {
  return named === undefined ? join(dirname(config.file), LOCK_FILE) : resolve(io.cwd(), named);
}

/**
 * Returns the lock in a file; `undefined` where there is no such file.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function findLock(file: string): Lock | undefined {
  const text = readText(file);
  return text === undefined ? undefined : readLock(text, file);
}

/**
 * Returns the lock in a file.
 *
 * @throws {SealwatchError} `LOCK_MISSING`, `LOCK_INVALID`
 */
export function loadLock(file: string): Lock {
  const lock = findLock(file);
  if (lock === undefined) throw new SealwatchError('LOCK_MISSING', `there is no lock ${file}`);
  return lock;
}

/** Writes a lock, whole or not at all. Returns whether that changed the file. */
export function saveLock(file: string, lock: Lock): boolean {
  const text = writeLock(lock);
  if (readText(file) === text) return false;
  try {
    replaceFile(file, text);
  } catch (cause) {
    throw new SealwatchError('LOCK_INVALID', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
  return true;
}

/** Returns the keys that the configuration asks the certificates of a server for. */
export function pinsOf({ connection }: Server): readonly string[] {
  return connection.kind === 'http' ? connection.tls.pins : [];
}

/**
 * Returns the text of a lock, ours or another tool's; `undefined` where there is no such file.
 *
 * @throws {SealwatchError} `LOCK_INVALID`
 */
export function readText(file: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readAtMost(file, MAX_LOCK_BYTES).bytes);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SealwatchError('LOCK_INVALID', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
