import { accessSync, constants, existsSync } from 'node:fs';

import type { Kysely } from 'kysely';

import { SealwatchError } from '../errors.js';
import type { Clock, Random, Store } from '../ports.js';
import { brokenLog } from './audit-entry.js';
import { loadKeys } from './audit-key.js';
import { AuditLog, type LogKeys, parseHead, rolledBack } from './audit-log.js';
import { type Checkpoint, isSignedBy } from './checkpoint.js';
import { type CheckpointsFile, checkpointsFile } from './checkpoints-file.js';
import { openDatabase } from './open-database.js';
import { type Scope, scopeTo } from './scope.js';
import { toStoreError } from './sqlite-error.js';
import { stayingInPlace } from './in-place.js';
import { sqliteStore } from './sqlite-store.js';
import { type StateFiles, stateFiles } from './state-files.js';
import type { Tables } from './tables.js';
import { originOf, TENANT } from './tenant.js';
import { transactionsOver } from './transactions.js';

export { createStore } from './create-store.js';

/** Another process's transaction takes milliseconds; a lock that stays so long is stuck. */
const LOCK_WAIT_MS = 5_000;

/**
 * Opens the store of a state directory. A missing or damaged one is never replaced.
 *
 * @throws {SealwatchError} `STORE_MISSING`, `STORE_CORRUPT`, `STORE_NEWER`, `STORE_LOCKED`, `STORE_READ_ONLY`, `STORE_FULL`,
 * `AUDIT_KEY_MISSING`, and `AUDIT_BROKEN` where the log ends before, or differs from, the newest checkpoint outside the database.
 * One that is opened to be read only may be broken, so that `verifyAudit` can say how; what relies on the log refuses then.
 */
export async function openStore(
  stateDir: string,
  options: {
    readonly clock: Clock;
    readonly random: Random;
    readonly readOnly?: true;
    /** How long a transaction waits for another process's. */
    readonly lockWaitMs?: number;
  },
): Promise<Store> {
  const files = stateFiles(stateDir);
  const isReadOnly = options.readOnly ?? false;
  try {
    checkAccess(files, isReadOnly);
    const keys = loadKeys(files, isReadOnly);
    const lockWaitMs = options.lockWaitMs ?? LOCK_WAIT_MS;
    const monotonicMs = (): number => options.clock.monotonicMs();
    const expectInPlace = stayingInPlace(files.database);
    const db = await openDatabase(files.database, { isReadOnly, lockWaitMs, monotonicMs });
    return await openLog(db, keys, files, { ...options, expectInPlace });
  } catch (error) {
    throw toStoreError(error);
  }
}

function checkAccess({ folder, database }: StateFiles, isReadOnly: boolean): void {
  if (!existsSync(database)) {
    throw new SealwatchError('STORE_MISSING', `there is no store at ${database}: create one with \`sealwatch init\``);
  }
  accessSync(database, isReadOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
  // SQLite keeps its write-ahead log beside the database.
  accessSync(folder, isReadOnly ? constants.R_OK : constants.W_OK);
}

async function openLog(
  db: Kysely<Tables>,
  keys: LogKeys,
  files: StateFiles,
  {
    clock,
    random,
    readOnly,
    expectInPlace,
  }: {
    readonly clock: Clock;
    readonly random: Random;
    readonly readOnly?: true;
    readonly expectInPlace: () => void;
  },
): Promise<Store> {
  try {
    const rows = scopeTo(db, TENANT);
    await expectOwnKeys(rows, keys, files);
    const checkpoints = checkpointsFile(files.checkpoints);
    if (readOnly === undefined) await expectNotBefore(rows, newestOutside(checkpoints, keys));
    const witness = { newest: () => newestOutside(checkpoints, keys), append: checkpoints.append };
    const log = new AuditLog(keys, random, witness);
    const transactions = transactionsOver(db, { tenant: TENANT, log, checkpoints, clock, expectInPlace });
    return sqliteStore(db, transactions, { keys, checkpoints });
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function expectOwnKeys(rows: Scope, keys: LogKeys, files: StateFiles): Promise<void> {
  const tenant = await rows.select('tenants').select('store_id').executeTakeFirst();
  if (tenant === undefined) {
    throw new SealwatchError(
      'STORE_CORRUPT',
      'the store does not say which one it is: restore sealwatch.db from a backup',
    );
  }
  if (originOf(tenant.store_id) === keys.origin) return;
  throw new SealwatchError('AUDIT_KEY_MISSING', `${files.publicKey} belongs to another store: restore the right one`);
}

function newestOutside(checkpoints: CheckpointsFile, { origin, publicKey }: LogKeys): Checkpoint | undefined {
  const newest = checkpoints.newest();
  if (newest === undefined) return undefined;
  if (newest.checkpoint.origin === origin && isSignedBy(newest.note, publicKey)) return newest.checkpoint;
  throw brokenLog('the newest checkpoint of the `checkpoints` file is not signed by the key of this store');
}

/** The cheap part of the check: the whole log is read, and compared on its way, with the first use. */
async function expectNotBefore(rows: Scope, outside: Checkpoint | undefined): Promise<void> {
  const head = await rows.select('audit_heads').select('checkpoint').executeTakeFirst();
  if (head === undefined) throw brokenLog('the audit log has no signed checkpoint');
  const { size, root } = parseHead(head.checkpoint);
  if (outside !== undefined && size < outside.size) throw rolledBack(outside.size, size);
  if (size === outside?.size && !root.equals(outside.root)) {
    throw brokenLog('the audit log is another one than the `checkpoints` file saw');
  }
}
