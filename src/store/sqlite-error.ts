import Database from 'better-sqlite3';

import { type ErrorCode, messageOf, SealwatchError } from '../errors.js';

/** Returns an error of the database or the disk as one of ours; anything else unchanged. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof SealwatchError) return error;
  if (error instanceof Database.SqliteError) return translate(error.code, error);
  if (error instanceof Error && 'syscall' in error && 'code' in error) return translate(String(error.code), error);
  return isClosed(error) ? new SealwatchError('STORE_FAILED', 'the store is closed', { cause: error }) : error;
}

/** Returns whether another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

/** The words of better-sqlite3 and of Kysely; neither has a code for it. */
function isClosed(error: unknown): boolean {
  return (
    error instanceof Error && /database connection is not open|driver has already been destroyed/.test(error.message)
  );
}

/** First match wins; extended result codes begin with the primary one. */
const CODES: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/^SQLITE_(BUSY|LOCKED)/, 'STORE_LOCKED', 'another process keeps the store locked: end it or try again'],
  [
    /^(SQLITE_(READONLY|PERM|AUTH)|EROFS|EACCES|EPERM)/,
    'STORE_READ_ONLY',
    'the store cannot be written: check the owner and the permissions of the state directory',
  ],
  [
    /^(SQLITE_(FULL|IOERR_SHMSIZE|IOERR_VNODE)|ENOSPC|EDQUOT)/,
    'STORE_FULL',
    'no space is left for the store: nothing of this was recorded, free some space and try again',
  ],
  [
    /^SQLITE_(CORRUPT|NOTADB|FORMAT|IOERR_SHORT_READ|IOERR_CORRUPTFS|IOERR_DATA)/,
    'STORE_CORRUPT',
    'the store is damaged: restore sealwatch.db from a backup',
  ],
  [/^SQLITE_ERROR/, 'STORE_CORRUPT', 'the store lacks a table or column: restore sealwatch.db from a backup'],
  [/^SQLITE_CANTOPEN/, 'STORE_FAILED', 'the store cannot be opened: check the state directory'],
];

const OTHER: (typeof CODES)[number] = [/./, 'STORE_FAILED', 'the store failed'];

function translate(code: string, cause: unknown): SealwatchError {
  const [, ours, message] = CODES.find(([pattern]) => pattern.test(code)) ?? OTHER;
  return new SealwatchError(ours, `${message} (${code}: ${messageOf(cause)})`, { cause });
}
