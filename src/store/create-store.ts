import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { SealwatchError } from '../errors.js';
import type { Clock, Random } from '../ports.js';
import { createKeys } from './audit-key.js';
import { LogDraft, type LogKeys } from './audit-log.js';
import { SEALWATCH } from './claims.js';
import { EMPTY_TREE } from './merkle-tree.js';
import { createDatabase } from './open-database.js';
import { scopeTo } from './scope.js';
import { toStoreError } from './sqlite-error.js';
import { type StateFiles, stateFiles } from './state-files.js';
import { originOf, TENANT } from './tenant.js';

const STORE_ID_BYTES = 16;

/** Reads and writes for the owner only: definitions can contain secrets. */
const OWNER_ONLY = 0o600;

/**
 * Creates an empty store, with the key of its audit log, in a directory that is made where it is missing.
 *
 * Version control leaves a directory that is made or empty alone (`.gitignore`). The database appears last and whole: a creation that was interrupted is never taken for a store.
 *
 * @throws {SealwatchError} `STORE_EXISTS` where there is a store, or a part of one; nothing is ever overwritten.
 * `STORE_READ_ONLY`, `STORE_FULL`, `STORE_FAILED`
 */
export async function createStore(
  stateDir: string,
  options: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const files = stateFiles(stateDir);
  try {
    expectNothing(files);
    makeFolder(stateDir);
    await createFiles(files, options);
  } catch (error) {
    throw toStoreError(error);
  }
}

function expectNothing(files: StateFiles): void {
  const { database, privateKey, publicKey, checkpoints } = files;
  if (existsSync(database)) throw new SealwatchError('STORE_EXISTS', `there is a store already: ${database}`);
  const remains = [privateKey, publicKey, checkpoints].filter((path) => existsSync(path));
  if (remains.length === 0) return;
  throw new SealwatchError(
    'STORE_EXISTS',
    `${files.folder} holds parts of a store without its database (${remains.join(', ')}): restore sealwatch.db, or move these away`,
  );
}

function makeFolder(folder: string): void {
  const created = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (created !== undefined) chmodSync(folder, 0o700);
  // In a folder that somebody shares with other files, they would be ignored too.
  const isOurs = basename(folder) === OUR_FOLDER || readdirSync(folder).length === 0;
  if (isOurs) keepFromGit(join(folder, '.gitignore'));
}

/** The usual name of a state directory, which has nothing but a store. */
const OUR_FOLDER = '.sealwatch';

/** Before there is a key: `git add -A` in a project must not take it. */
function keepFromGit(file: string): void {
  try {
    writeFileSync(file, '*\n', { flag: 'wx', mode: OWNER_ONLY });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

async function createFiles(
  files: StateFiles,
  options: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const storeId = Buffer.from(options.random.bytes(STORE_ID_BYTES)).toString('hex');
  const { keys, pem, verifier } = createKeys(originOf(storeId));
  const made: string[] = [];
  const make = (path: string, text: string): void => {
    writeFileSync(path, text, { flag: 'wx', mode: OWNER_ONLY });
    made.push(path);
  };
  const unfinished = `${files.database}.new-${storeId.slice(0, 8)}`;
  try {
    make(files.privateKey, pem);
    make(files.publicKey, verifier);
    make(unfinished, '');
    make(files.checkpoints, await fillDatabase(unfinished, storeId, keys, options));
    // A link fails where the name is taken, a rename would replace it.
    linkSync(unfinished, files.database);
    rmSync(unfinished);
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new SealwatchError('STORE_EXISTS', `somebody else creates a store in ${files.folder}`, { cause: error });
  }
}

async function fillDatabase(
  path: string,
  storeId: string,
  keys: LogKeys,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<string> {
  const monotonicMs = (): number => clock.monotonicMs();
  const db = await createDatabase(path, { isReadOnly: false, lockWaitMs: 0, monotonicMs });
  try {
    return await db.transaction().execute(async (transaction) => {
      const rows = scopeTo(transaction, TENANT);
      await rows.insert('tenants', { store_id: storeId, surroundings: 0 }).execute();
      const draft = new LogDraft(EMPTY_TREE, keys, random);
      const at = clock.now().toISOString();
      draft.append({ type: 'store-created', at, actor: SEALWATCH, details: { store: storeId } });
      return draft.write(rows);
    });
  } finally {
    await db.destroy();
  }
}
