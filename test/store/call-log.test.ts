import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { CallAnswered, CallAsked } from '../../src/model/call.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { CallLog } from '../../src/ports.js';
import { loadKeys } from '../../src/store/audit-key.js';
import { openCallLog } from '../../src/store/call-log.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import { sealer } from '../../src/store/seal.js';
import { stateFiles } from '../../src/store/state-files.js';

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const HUGE = 1024 ** 4;

let folder: string;
let log: CallLog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-calls-'));
  await createStore(folder, { clock, random });
  log = openCallLog(folder, { clock, random });
});
afterEach(async () => {
  await log.close().catch(() => undefined);
  rmSync(folder, { recursive: true });
});

function call(more: Partial<CallAsked> = {}): CallAsked {
  return {
    at: '2026-11-22T10:00:00.000Z',
    server: parseServerId('github'),
    subject: 'local',
    client: undefined,
    kind: 'tool',
    name: 'create_issue',
    version: undefined,
    decision: 'passed',
    code: undefined,
    parameters: '{"title":"x"}',
    ...more,
  };
}

const ANSWER: CallAnswered = {
  at: '2026-11-22T10:00:01.000Z',
  outcome: 'result',
  code: undefined,
  durationMs: 1_000,
  bytes: 12,
  digest: 'ab',
};

async function written(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => log.asked(call({ name: `tool-${index}` }))));
}

const database = (): string => join(folder, 'calls.db');

function tamper(sql: string): void {
  const db = new Database(database());
  db.exec(sql);
  db.close();
}

function usedBytes(): number {
  const db = new Database(database(), { readonly: true });
  const read = (name: string): number => db.pragma(name, { simple: true }) as number;
  const used = (read('page_count') - read('freelist_count')) * read('page_size');
  db.close();
  return used;
}

async function reopened(): Promise<CallLog> {
  await log.close();
  log = openCallLog(folder, { clock, random });
  return log;
}

async function verdict(): Promise<string> {
  const found = await (await reopened()).verify();
  return found.kind === 'intact' ? `intact ${found.size}, ${found.forgotten} forgotten` : found.problems.join();
}

test('nothing is there before the first call, and nothing is made to look', async () => {
  expect(await log.search({ limit: 10 })).toEqual([]);
  expect(await log.verify()).toMatchObject({ kind: 'intact', size: 0 });
  expect(existsSync(database())).toBe(false);
});

test('a call is found with what became of it, newest first, and the file is its owner’s', async () => {
  const first = await log.asked(call());
  await log.answered(first, ANSWER);
  const second = await log.asked(call({ decision: 'refused', code: 'NOT_APPROVED' }));
  expect([first, second]).toEqual([0, 2]);
  expect(await (await reopened()).search({ limit: 10 })).toEqual([
    { ...call({ decision: 'refused', code: 'NOT_APPROVED' }), index: 2, answer: undefined },
    { ...call(), index: 0, answer: ANSWER },
  ]);
  expect(statSync(database()).mode & 0o777).toBe(0o600);
});

test.each([
  ['server', { server: parseServerId('other') }, ['b']],
  ['subject', { subject: 'mallory' }, ['c']],
  ['decision', { decision: 'refused' as const }, ['d']],
  ['a name in part, in any case', { text: 'E-TO' }, ['e-tool']],
  ['a parameter', { text: 'needle' }, ['f']],
  ['a percent sign is no wildcard', { text: '%' }, []],
  ['time', { since: '2026-11-23T00:00:00.000Z', until: '2026-11-24T00:00:00.000Z' }, ['g']],
])('is searched by %s', async (_, filter, expected) => {
  await log.asked(call({ name: 'a' }));
  await log.asked(call({ name: 'b', server: parseServerId('other') }));
  await log.asked(call({ name: 'c', subject: 'mallory' }));
  await log.asked(call({ name: 'd', decision: 'refused' }));
  await log.asked(call({ name: 'e-tool' }));
  await log.asked(call({ name: 'f', parameters: '{"q":"needle"}' }));
  await log.asked(call({ name: 'g', at: '2026-11-23T12:00:00.000Z' }));
  expect((await log.search({ ...filter, limit: 10 })).map(({ name }) => name)).toEqual(expected);
});

test('pages follow each other without a gap', async () => {
  await written(25);
  const seen: number[] = [];
  for (let before: number | undefined; ; ) {
    const page = await log.search({ limit: 10, ...(before === undefined ? {} : { before }) });
    seen.push(...page.map(({ index }) => index));
    before = page.at(-1)?.index;
    if (page.length < 10) break;
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 24 - index));
});

test('two processes write into one log', async () => {
  const other = openCallLog(folder, { clock, random });
  const writers = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? log : other).asked(call()));
  expect(new Set(await Promise.all(writers)).size).toBe(200);
  await other.close();
  expect(await verdict()).toBe('intact 200, 0 forgotten');
});

test('processes that take turns go on where the other ended', async () => {
  const other = openCallLog(folder, { clock, random });
  const positions: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) positions.push(await log.asked(call()), await other.asked(call()));
  expect(positions).toEqual(Array.from({ length: 20 }, (_, index) => index));
  await other.answered(2, ANSWER);
  expect((await log.search({ limit: 20 })).at(-3)).toMatchObject({ index: 2, answer: ANSWER });
  await other.close();
  expect(await verdict()).toBe('intact 21, 0 forgotten');
});

test('what a process wrote that was killed is there, and others go on from it', async () => {
  await log.asked(call({ name: 'before' }));
  const elsewhere = mkdtempSync(join(tmpdir(), 'sealwatch-killed-'));
  cpSync(folder, elsewhere, { recursive: true });
  const after = openCallLog(elsewhere, { clock, random });
  expect(await after.asked(call({ name: 'after' }))).toBe(1);
  expect((await after.search({ limit: 10 })).map(({ name }) => name)).toEqual(['after', 'before']);
  expect(await after.verify()).toMatchObject({ kind: 'intact', size: 2 });
  await after.close();
  rmSync(elsewhere, { recursive: true });
});

test('what is kept is a matter of age and of size, and what stays can still be checked', async () => {
  for (const day of [20, 21, 22]) await log.asked(call({ at: `2026-11-${day}T00:00:00.000Z` }));
  expect(await log.forget({ before: '2026-11-22T00:00:00.000Z', maxBytes: HUGE })).toBe(2);
  expect(await verdict()).toBe('intact 3, 2 forgotten');
  await Promise.all(Array.from({ length: 500 }, () => log.asked(call({ parameters: 'x'.repeat(2_000) }))));
  const gone = await log.forget({ before: '2000-01-01T00:00:00.000Z', maxBytes: 300_000 });
  expect(gone).toBeLessThan(500);
  expect(usedBytes()).toBeLessThanOrEqual(300_000);
  expect(await verdict()).toBe(`intact 503, ${gone + 2} forgotten`);
  await log.asked(call());
  expect(await verdict()).toBe(`intact 504, ${gone + 2} forgotten`);
});

test('a size that has room for nothing leaves nothing, and the log goes on', async () => {
  await written(20);
  expect(await log.forget({ before: '2000-01-01T00:00:00.000Z', maxBytes: 1 })).toBe(20);
  await log.asked(call());
  expect(await verdict()).toBe('intact 21, 20 forgotten');
});

describe('a log that somebody changed', () => {
  beforeEach(async () => {
    await written(20);
    await log.close();
  });

  test.each([
    ['other parameters', `update entries set details = replace(details, 'title', 'other') where position = 3`],
    ['another subject in the column alone', `update entries set subject = 'somebody' where position = 3`],
    ['another time', `update entries set at = '2020-01-01T00:00:00.000Z' where position = 3`],
    ['an entry that is gone', 'delete from entries where position = 3'],
    ['the last ones gone', 'delete from entries where position > 15'],
    ['the first ones gone, as if they were too old', 'delete from entries where position < 5'],
    ['a head that fits', 'delete from entries where position > 15; update head set size = 16'],
    ['no head', 'delete from head'],
    [
      'an entry more',
      `insert into entries select 20, at, type, call, server, subject, name, decision, digest, salt, details from entries where position = 1`,
    ],
  ])('%s', async (_, sql) => {
    tamper(sql);
    log = openCallLog(folder, { clock, random });
    expect((await log.verify()).kind).toBe('broken');
  });

  test.each([
    ['other parameters', `update tail set details = replace(details, 'title', 'other') where position = 22`],
    ['one that is gone', 'delete from tail where position = 22'],
    ['the first ones gone', 'delete from tail where position < 22'],
    ['the place of the last in the tree taken', `update tail set seal = 'none' where position = 19`],
    ['all gone', 'delete from tail'],
    ['the last one gone', 'delete from tail where position = 24'],
    ['all gone but the last in the tree', 'delete from tail where position > 19'],
    [
      'the last one gone, by somebody who takes its word for the end',
      `update tail set ends = (select ends from tail where position = 24) where position = 23; delete from tail where position = 24`,
    ],
    [
      'another order',
      'update tail set position = -position where position > 19; update tail set position = 44 + position where position < 0',
    ],
  ])('%s, before it was in the tree', async (_, sql) => {
    log = openCallLog(folder, { clock, random });
    await log.search({ limit: 1 });
    await written(5);
    tamper(sql);
    const found = openCallLog(folder, { clock, random });
    expect((await found.verify()).kind).toBe('broken');
    await expect(found.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    await expect(found.close()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  test('an older copy is put back: no call is logged on top of it', async () => {
    copyFileSync(database(), `${database()}.old`);
    log = openCallLog(folder, { clock, random });
    await log.asked(call());
    await log.close();
    copyFileSync(`${database()}.old`, database());
    log = openCallLog(folder, { clock, random });
    await expect(log.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    await expect(log.search({ limit: 1 })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });

  test('the log is taken away: nothing is logged as if it were the first', async () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${database()}${end}`, { force: true });
    log = openCallLog(folder, { clock, random });
    await expect(log.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    expect((await log.verify()).kind).toBe('broken');
  });

  test('the log is taken away while it is written to: what would be written is lost, and nobody is told otherwise', async () => {
    log = openCallLog(folder, { clock, random });
    await log.asked(call());
    rmSync(database());
    await expect(log.asked(call())).rejects.toMatchObject({ code: 'STORE_MISSING' });
  });
});

describe('a log of which nothing is left', () => {
  beforeEach(async () => {
    await log.asked(call());
    await log.close();
    log = openCallLog(folder, { clock, random });
  });

  function takeAway(): void {
    for (const name of ['calls.db', 'calls.db-wal', 'calls.db-shm', 'calls.checkpoint'])
      rmSync(join(folder, name), { force: true });
  }

  async function audited(): Promise<readonly unknown[]> {
    const store = await openStore(folder, { clock, random });
    const entries = await store.auditEntries({ from: 1, limit: 10 });
    await store.close();
    return entries.map(({ type, actor }) => [type, actor]);
  }

  test('is missed: nothing is logged as if it were the first', async () => {
    takeAway();
    await expect(log.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    await expect(log.search({ limit: 1 })).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
    expect((await log.verify()).kind).toBe('broken');
    expect(existsSync(database())).toBe(false);
  });

  test('is given up by a person, and only then another begins', async () => {
    await expect(log.giveUp('ann (terminal)')).rejects.toMatchObject({ code: 'STORE_EXISTS' });
    takeAway();
    expect([await log.giveUp('ann (terminal)'), await log.giveUp('bob (terminal)')]).toEqual([true, false]);
    expect(await log.verify()).toMatchObject({ kind: 'intact', size: 0 });
    expect(await log.asked(call())).toBe(0);
    expect(await verdict()).toBe('intact 1, 0 forgotten');
    expect(await audited()).toEqual([
      ['call-log-began', 'sealwatch'],
      ['call-log-given-up', 'ann (terminal)'],
      ['call-log-began', 'sealwatch'],
    ]);
  });

  test('that it began is said once, whoever writes', async () => {
    await log.asked(call());
    await (await reopened()).asked(call());
    expect(await audited()).toEqual([['call-log-began', 'sealwatch']]);
  });
});

test('the first entries are cut off before any was in the tree', async () => {
  await written(3);
  tamper('delete from tail where position >= 0');
  const found = openCallLog(folder, { clock, random });
  expect((await found.verify()).kind).toBe('broken');
  await expect(found.close()).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
});

test('who wrote entries that are gone writes no more', async () => {
  await written(3);
  tamper('delete from tail where position = 2');
  await expect(log.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
});

test('a log of the first version goes on, and one whose head was changed does not', async () => {
  await written(20);
  await log.close();
  const { privateKey } = loadKeys(stateFiles(folder), false);
  if (privateKey === undefined) throw new Error('there is a key');
  const db = new Database(database());
  const head = db.prepare('select * from head').get() as Record<string, string | number>;
  const values = ['size', 'peaks', 'base_size', 'base_peaks', 'note'].map((name) => String(head[name]));
  db.prepare('update head set seal = ?').run(sealer(privateKey)(['calls', ...values]));
  db.exec('drop table tail; alter table head drop column chain; pragma user_version = 1;');
  db.close();
  expect(await (await reopened()).asked(call())).toBe(20);
  expect(await verdict()).toBe('intact 21, 0 forgotten');
  tamper('drop table tail; alter table head drop column chain; pragma user_version = 1;');
  log = openCallLog(folder, { clock, random });
  await expect(log.asked(call())).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
});

test('where another process keeps the lock, nobody is told that the call was written', async () => {
  log = openCallLog(folder, { clock, random, lockWaitMs: 100 });
  await log.asked(call());
  const other = new Database(database());
  other.exec('begin immediate');
  await expect(log.asked(call())).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  other.exec('rollback');
  other.close();
  await log.asked(call());
  expect(await verdict()).toBe('intact 2, 0 forgotten');
});
