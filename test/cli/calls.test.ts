import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseServerId } from '../../src/model/server-id.js';
import { openCallLog } from '../../src/store/call-log.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
beforeEach(async () => {
  bench = createBench();
  bench.configure(['github']);
  await bench.sealwatch('init');
});
afterEach(() => {
  bench.close();
});

async function call(name: string, decision: 'passed' | 'refused', at = '2026-11-22T10:00:00.000Z'): Promise<void> {
  const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
  const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
  const log = openCallLog(join(bench.folder, '.sealwatch'), { clock, random });
  const index = await log.asked({
    at,
    server: parseServerId('github'),
    subject: 'local',
    client: undefined,
    kind: 'tool',
    name,
    version: undefined,
    decision,
    code: decision === 'refused' ? 'NOT_APPROVED' : undefined,
    parameters: '{"arguments":{"a":1}}',
  });
  if (decision === 'passed')
    await log.answered(index, { at, outcome: 'result', code: undefined, durationMs: 3, bytes: 20, digest: 'ab' });
  await log.close();
}

test('lists what was called, and what of it was refused', async () => {
  expect((await bench.sealwatch('calls', 'list')).stdout).toContain('No call is like that.');
  await call('add', 'passed');
  await call('drop\u001b[31m', 'refused');
  const { stdout } = await bench.sealwatch('calls', 'list');
  expect(stdout).toMatch(/2026-11-22 10:00:00Z +github +local +tool "add": answered, 3 ms, 20 bytes/);
  expect(stdout).toMatch(/tool "drop\\\S+31m": refused:\s+NOT_APPROVED/);
  expect(stdout).not.toContain('\u001b');
  const { calls } = JSON.parse((await bench.sealwatch('calls', 'list', '--refused', '--json')).stdout) as {
    calls: { name: string; parameters: unknown; answer: unknown }[];
  };
  expect(calls).toMatchObject([{ code: 'NOT_APPROVED', parameters: { arguments: { a: 1 } }, answer: null }]);
});

test('exports JSON Lines, a call a line', async () => {
  await call('add', 'passed', '2026-11-20T10:00:00.000Z');
  await call('sub', 'passed');
  const names = async (...args: readonly string[]): Promise<readonly unknown[]> =>
    (await bench.sealwatch('calls', 'export', ...args)).stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { name: string }).name);
  expect(await names()).toEqual(['sub', 'add']);
  expect(await names('--since', '2026-11-21')).toEqual(['sub']);
  expect(await names('--until', '2026-11-21')).toEqual(['add']);
});

test('says whether the log is whole', async () => {
  await call('add', 'passed');
  const intact = await bench.sealwatch('calls', 'verify');
  expect([intact.exitCode, intact.stdout]).toEqual([0, expect.stringContaining('is intact: 2 entries, root ')]);
  const db = new Database(join(bench.folder, '.sealwatch', 'calls.db'));
  db.exec(`update entries set details = replace(details, '"a":1', '"a":2')`);
  db.exec(`update entries set details = replace(details, 'add', 'sub'), name = 'sub' where position = 0`);
  db.close();
  const broken = await bench.sealwatch('calls', 'verify', '--json');
  expect([broken.exitCode, JSON.parse(broken.stdout)]).toMatchObject([1, { intact: false }]);
});

test('a log that is gone is broken until an approver lets another begin', async () => {
  await call('add', 'passed');
  for (const name of ['calls.db', 'calls.checkpoint']) rmSync(join(bench.folder, '.sealwatch', name));
  expect((await bench.sealwatch('calls', 'verify')).exitCode).toBe(1);
  const nobody = await bench.sealwatch('calls', 'restart', '--yes');
  expect([nobody.exitCode, nobody.stderr]).toEqual([3, expect.stringContaining('error APPROVER_TOKEN_MISSING')]);
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--json');
  const SEALWATCH_APPROVER_TOKEN = (JSON.parse(stdout) as { token: string }).token;
  const restarted = await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN }, 'calls', 'restart');
  expect([restarted.exitCode, restarted.stdout]).toEqual([
    0,
    expect.stringContaining('The next call begins a new log.'),
  ]);
  await call('add', 'passed');
  expect((await bench.sealwatch('calls', 'verify')).stdout).toContain('is intact: 2 entries');
});

test.each([
  ['a day that is none', ['calls', 'list', '--since', 'yesterday']],
  ['a day that never was', ['calls', 'list', '--since', '2026-13-45']],
  ['no number', ['calls', 'list', '--limit', '0']],
  ['a server that cannot be', ['calls', 'list', '--server', 'A B']],
  ['two formats', ['calls', 'export', '--json']],
])('%s is a mistake of usage', async (_, args) => {
  expect((await bench.sealwatch(...args)).exitCode).toBe(3);
});
