import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, onTestFinished, test } from 'vitest';

import type { Store } from '../../src/ports.js';
import { loadKeys } from '../../src/store/audit-key.js';
import { AuditLog } from '../../src/store/audit-log.js';
import { checkpointsFile } from '../../src/store/checkpoints-file.js';
import { openDatabase } from '../../src/store/open-database.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import { sqliteStore } from '../../src/store/sqlite-store.js';
import { stateFiles } from '../../src/store/state-files.js';
import { transactionsOver } from '../../src/store/transactions.js';
import {
  approvedStore,
  approvedVersions,
  AT,
  clock,
  codeOf,
  newStore,
  open,
  random,
  record,
  recordOpen,
  SERVER,
  settle,
  tamper,
  temporaryStateDir,
  VANTAGE,
  versionOf,
} from './fixture.js';

const DIST = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', 'store', 'open-store.js')).href;

async function closedStore(): Promise<string> {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
  await store.close();
  return stateDir;
}

function opening(stateDir: string): Promise<unknown> {
  return codeOf(openStore(stateDir, { clock, random, lockWaitMs: 100 }));
}

describe('creating', () => {
  test('makes files that only the owner can read', async () => {
    const { stateDir, store } = await newStore();
    await record(store, { surface: { forecast: 'sunny' } });
    expect((statSync(stateDir).mode & 0o777).toString(8)).toBe('700');
    const modes = readdirSync(stateDir).map((name) => [
      name,
      (statSync(join(stateDir, name)).mode & 0o777).toString(8),
    ]);
    expect(modes.sort()).toEqual([
      ['.gitignore', '600'],
      ['audit.key', '600'],
      ['audit.pub', '600'],
      ['checkpoints', '600'],
      ['sealwatch.db', '600'],
      ['sealwatch.db-shm', '600'],
      ['sealwatch.db-wal', '600'],
    ]);
  });

  test('writes the key in the usual forms', async () => {
    const { stateDir } = await newStore();
    expect(readFileSync(join(stateDir, 'audit.key'), 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(readFileSync(join(stateDir, 'audit.pub'), 'utf8')).toMatch(
      /^sealwatch\/[0-9a-f]{32}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n$/,
    );
  });

  test('never replaces a store, nor a part of one', async () => {
    const stateDir = await closedStore();
    const before = readFileSync(join(stateDir, 'audit.key'));
    expect(await codeOf(createStore(stateDir, { clock, random }))).toBe('STORE_EXISTS');
    rmSync(join(stateDir, 'sealwatch.db'));
    expect(await codeOf(createStore(stateDir, { clock, random }))).toBe('STORE_EXISTS');
    expect(readFileSync(join(stateDir, 'audit.key'))).toEqual(before);
  });

  test('by several at once makes one', async () => {
    const stateDir = temporaryStateDir();
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(createStore(stateDir, { clock, random }))));
    expect(codes.sort()).toEqual(['STORE_EXISTS', 'STORE_EXISTS', 'STORE_EXISTS', 'STORE_EXISTS', 'no error']);
    expect(readdirSync(stateDir).sort()).toEqual([
      '.gitignore',
      'audit.key',
      'audit.pub',
      'checkpoints',
      'sealwatch.db',
    ]);
    expect((await (await open(stateDir)).verifyAudit()).kind).toBe('intact');
  });

  test.each([
    ['new', [], true],
    ['.sealwatch', ['desktop.log'], true],
    ['project', ['package.json'], false],
  ])('in %s, where there is %j, keeps everything from version control: %s', async (name, files, isIgnored) => {
    const stateDir = join(temporaryStateDir(), name);
    mkdirSync(stateDir, { recursive: true });
    for (const file of files) writeFileSync(join(stateDir, file), '');
    await createStore(stateDir, { clock, random });
    const ignores = join(stateDir, '.gitignore');
    expect(existsSync(ignores) && readFileSync(ignores, 'utf8')).toBe(isIgnored && '*\n');
  });

  test('changes no .gitignore that is there', async () => {
    const stateDir = join(temporaryStateDir(), '.sealwatch');
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, '.gitignore'), 'x\n');
    await createStore(stateDir, { clock, random });
    expect(readFileSync(join(stateDir, '.gitignore'), 'utf8')).toBe('x\n');
  });

  test('in a place that is a file fails and leaves nothing', async () => {
    const stateDir = temporaryStateDir();
    writeFileSync(stateDir, 'x');
    expect(await codeOf(createStore(join(stateDir, 'state'), { clock, random }))).toBe('STORE_FAILED');
  });
});

describe('opening', () => {
  test('a store that is not there is STORE_MISSING, and creates nothing', async () => {
    const stateDir = temporaryStateDir();
    expect(await opening(stateDir)).toBe('STORE_MISSING');
    mkdirSync(stateDir);
    expect(await opening(stateDir)).toBe('STORE_MISSING');
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test.each([
    [
      'an empty file',
      (path: string) => {
        writeFileSync(path, '');
      },
    ],
    [
      'a text',
      (path: string) => {
        writeFileSync(path, 'not a database at all '.repeat(500));
      },
    ],
    [
      'cut in half',
      (path: string) => {
        truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
      },
    ],
    [
      'cut within the first page',
      (path: string) => {
        truncateSync(path, 1000);
      },
    ],
    [
      'with a page overwritten',
      (path: string) => {
        overwrite(path, 4096 * 4, 4096);
      },
    ],
    [
      'with the schema overwritten',
      (path: string) => {
        overwrite(path, 100, 12);
      },
    ],
    [
      'another database',
      (path: string) => {
        rmSync(path);
        new Database(path).exec('create table t (a)').close();
      },
    ],
    [
      'without a table',
      (path: string) => {
        new Database(path).exec('drop table waivers').close();
      },
    ],
    [
      'with a trigger that nobody of us made',
      (path: string) => {
        new Database(path).exec('create trigger t after insert on checks begin delete from approvals; end').close();
      },
    ],
    [
      'without its version',
      (path: string) => {
        new Database(path).exec('delete from migrations').close();
      },
    ],
  ] as const)('a damaged one is STORE_CORRUPT: %s', async (_, damage) => {
    const stateDir = await closedStore();
    damage(join(stateDir, 'sealwatch.db'));
    expect(await opening(stateDir)).toBe('STORE_CORRUPT');
  });

  test('one from a newer program is STORE_NEWER, and is not touched', async () => {
    const stateDir = await closedStore();
    tamper(stateDir, `insert into migrations values (1000, 'from the future')`);
    const before = readFileSync(join(stateDir, 'sealwatch.db'));
    expect(await opening(stateDir)).toBe('STORE_NEWER');
    expect(readFileSync(join(stateDir, 'sealwatch.db'))).toEqual(before);
  });

  test('one that another process keeps for itself is STORE_LOCKED', async () => {
    const stateDir = await closedStore();
    const other = new Database(join(stateDir, 'sealwatch.db'));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('begin exclusive');
    expect(await opening(stateDir)).toBe('STORE_LOCKED');
    other.close();
    expect(await opening(stateDir)).toBe('no error');
  });

  // Permissions do not stop root, so the store is opened by a process of another user.
  test.each([
    ['the whole directory', 0o555, 0o444],
    ['the database', 0o777, 0o444],
    ['the directory, so that there is no room for the write-ahead log', 0o555, 0o666],
  ])('one that cannot be written is STORE_READ_ONLY: %s', async (_, folderMode, fileMode) => {
    const stateDir = await closedStore();
    for (const name of readdirSync(stateDir)) chmodSync(join(stateDir, name), fileMode);
    chmodSync(stateDir, folderMode);
    chmodSync(join(stateDir, '..'), 0o755);
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', OPEN_AND_TELL, DIST, stateDir],
      {
        encoding: 'utf8',
        ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
      },
    );
    expect({ stdout, stderr }).toEqual({ stdout: 'STORE_READ_ONLY', stderr: '' });
  });
});

const OPEN_AND_TELL = `
  const [, dist, stateDir] = process.argv;
  const { openStore } = await import(dist);
  const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
  try {
    const store = await openStore(stateDir, { clock, random: { bytes: (count) => new Uint8Array(count) } });
    await store.recordRefusal({ request: 1, code: 'INTERNAL', actor: 'x', at: 'now' });
    process.stdout.write('written');
  } catch (error) {
    process.stdout.write(String(error.code ?? error));
  }`;

describe('a store that is opened to be read only', () => {
  test('answers, and refuses to write', async () => {
    const stateDir = await closedStore();
    const store = await openStore(stateDir, { clock, random, readOnly: true });
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    expect((await store.verifyAudit()).kind).toBe('intact');
    expect(await codeOf(store.recordUnchanged(SERVER, VANTAGE, AT))).toBe('STORE_READ_ONLY');
    await store.close();
  });

  test('needs no private key', async () => {
    const stateDir = await closedStore();
    rmSync(join(stateDir, 'audit.key'));
    const store = await openStore(stateDir, { clock, random, readOnly: true });
    expect((await store.verifyAudit()).kind).toBe('intact');
    await store.close();
  });
});

describe('while it is open', () => {
  test('a lock that stays is STORE_LOCKED for who writes, and nothing for who reads', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const waiting = await open(stateDir, { lockWaitMs: 100 });
    const other = new Database(join(stateDir, 'sealwatch.db'));
    other.exec('begin immediate');
    expect(await codeOf(waiting.recordUnchanged(SERVER, VANTAGE, AT))).toBe('STORE_LOCKED');
    expect(await approvedVersions(waiting)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    other.exec('rollback');
    other.close();
    await waiting.recordUnchanged(SERVER, VANTAGE, AT);
  });

  test('a full disk is STORE_FULL, nothing is half recorded, and it goes on when there is space', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const { limited, setMaxPages } = await limitedStore(stateDir);
    await setMaxPages(1);
    const large = { forecast: 'rainy '.repeat(20_000) };
    expect(await codeOf(recordOpen(limited, large))).toBe('STORE_FULL');
    expect((await limited.loadStanding(SERVER, VANTAGE)).open).toBeUndefined();
    expect(await approvedVersions(limited)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    expect((await limited.verifyAudit()).kind).toBe('intact');
    await setMaxPages(1_000_000);
    await settle(limited, await recordOpen(limited, large));
    expect(Object.keys(await approvedVersions(limited))).toEqual(['weather/tool/forecast']);
  });

  test('a full disk on a real file system is STORE_FULL', async (context) => {
    const folder = temporaryStateDir();
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0;
    if (!mounted) {
      if (process.env['CI'] === 'true') throw new Error('mounting a small file system is not allowed here');
      context.skip('mounting a small file system is not allowed here');
    }
    onTestFinished(() => void spawnSync('umount', ['-l', folder]));
    await createStore(join(folder, 'state'), { clock, random });
    const store = await open(join(folder, 'state'));
    await settle(store, await recordOpen(store, { forecast: 'sunny' }));
    expect(await codeOf(recordOpen(store, { forecast: 'rainy '.repeat(500_000) }))).toBe('STORE_FULL');
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test('a copy of the checkpoint that cannot be written does not undo what was committed', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const path = join(stateDir, 'checkpoints');
    const before = readFileSync(path, 'utf8');
    rmSync(path);
    mkdirSync(path);
    await store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
    await store.close();
    rmSync(path, { recursive: true });
    writeFileSync(path, before);
    const again = await open(stateDir);
    expect(await again.verifyAudit()).toMatchObject({ kind: 'intact', size: 5 });
  });

  test.each<[string, (path: string) => void]>([
    [
      'deleted',
      (path) => {
        rmSync(path);
      },
    ],
    [
      'replaced by a copy',
      (path) => {
        writeFileSync(`${path}.copy`, readFileSync(path));
        renameSync(`${path}.copy`, path);
      },
    ],
  ])('a database that is %s while it is open answers no more', async (_, change) => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    change(join(stateDir, 'sealwatch.db'));
    expect(await codeOf(store.loadStamp(SERVER, VANTAGE))).toBe('STORE_MISSING');
    expect(await codeOf(recordOpen(store, { forecast: 'rainy' }))).toBe('STORE_MISSING');
  });

  test('a closed store says so', async () => {
    const { store } = await newStore();
    await store.close();
    expect(await codeOf(store.loadStamp(SERVER, VANTAGE))).toBe('STORE_FAILED');
  });

  test('closing waits for what is under way', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const under = recordOpen(store, { forecast: 'rainy' });
    await store.close();
    await under.catch(() => undefined);
    const again = await open(stateDir);
    expect((await again.verifyAudit()).kind).toBe('intact');
  });
});

/** A store whose connection can be told how many pages the database may have: SQLite's own limit gives a real SQLITE_FULL. */
async function limitedStore(
  stateDir: string,
): Promise<{ limited: Store; setMaxPages: (pages: number) => Promise<void> }> {
  const files = stateFiles(stateDir);
  const keys = loadKeys(files, false);
  const db = await openDatabase(files.database, {
    isReadOnly: false,
    lockWaitMs: 1_000,
    monotonicMs: clock.monotonicMs,
  });
  const checkpoints = checkpointsFile(files.checkpoints);
  const log = new AuditLog(keys, random, { newest: () => undefined, append: checkpoints.append });
  const expectInPlace = (): void => undefined;
  const limited = sqliteStore(db, transactionsOver(db, { tenant: 'default', log, checkpoints, clock, expectInPlace }), {
    keys,
    checkpoints,
  });
  onTestFinished(() => limited.close());
  return {
    limited,
    setMaxPages: async (pages) => {
      await sql.raw(`pragma max_page_count = ${pages}`).execute(db);
    },
  };
}

function overwrite(path: string, offset: number, length: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, offset);
  closeSync(file);
}
