import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Bench, createBench, HONEST, POISONED } from './world.js';

/** Matchers of vitest are `any`; nothing but a comparison may be done with these. */
const text = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const part = (members: object): unknown => expect.objectContaining(members);
const list = (entries: readonly unknown[]): unknown => expect.arrayContaining([...entries]);

/** One story, told in order: each test goes on where the one before it stopped. */
let bench: Bench;
let token = '';
beforeAll(async () => {
  bench = createBench();
  bench.configure(['weather', 'notes']);
  bench.serve('weather', [HONEST]);
  bench.serve('notes', [{ ...HONEST, name: 'search_notes', description: 'Searches notes.' }]);
  await bench.sealwatch('init');
});
afterAll(() => {
  bench.close();
});

const withToken = (...args: readonly string[]): ReturnType<Bench['sealwatch']> =>
  bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, ...args);

test('a first scan holds everything, and says what to type next', async () => {
  const { exitCode, stdout } = await bench.sealwatch('scan', '--quiet');
  expect(exitCode).toBe(1);
  expect(stdout.replace(/in \d+\.\d s/, 'in N s')).toBe(`SERVER   TOOLS  PROMPTS  RESOURCES  STANDING
weather      1        0          0  3 held
notes        1        0          0  3 held

weather: request 1, high
  3 new: 1 tool, what the server says about itself, where it comes from

notes: request 2, high
  3 new: 1 tool, what the server says about itself, where it comes from

2 of 2 servers checked in N s; 2 requests wait for a decision.

  sealwatch diff 1         shows what a request is about
  sealwatch approve --all  approves the first state of every new server
`);
  expect(stdout).not.toContain('\u001b');
});

test.each([
  [['approve', '1']],
  [['approve', '1', '--yes']],
  [['approve', '--all', '--yes']],
  [['reject', '1', '--yes']],
])('%j without a terminal needs a token', async (args) => {
  const { exitCode, stderr } = await bench.sealwatch(...args);
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error APPROVER_TOKEN_MISSING: ')]);
});

test('the first approver can be added by anybody, the next one only by an approver', async () => {
  const first = await bench.sealwatch('approver', 'add', 'alice', '--json');
  const added = JSON.parse(first.stdout) as { token: string };
  expect(added).toEqual({
    exitCode: 0,
    name: 'alice',
    token: text(/^sealwatch_[\w-]{43}$/),
    code: text(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/),
    codeExpiresAt: text(/Z$/),
    enrolUrl: 'http://127.0.0.1:8470/enrol',
  });
  token = added.token;
  expect((await bench.sealwatch('approver', 'add', 'bob')).stderr).toContain('error APPROVER_TOKEN_MISSING');
  const wrong = await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: 'sealwatch_x' }, 'approver', 'add', 'bob');
  expect([wrong.exitCode, wrong.stderr]).toEqual([3, expect.stringContaining('error APPROVER_UNKNOWN')]);
  expect((await withToken('approver', 'add', 'bob')).exitCode).toBe(0);
  expect((await withToken('approver', 'remove', 'bob')).exitCode).toBe(0);
  const list = await bench.sealwatch('approver', 'list', '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({ approvers: [{ name: 'alice', browsers: 0 }] });
});

test('first baselines are approved together, after saying what is trusted', async () => {
  const { exitCode, stdout } = await withToken('approve', '--all');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('About to trust, as the first state of each server:');
  expect(stdout).toContain('  1 tool\n  no findings\n');
  expect(stdout).toContain('Approved request 1 of weather.\nApproved request 2 of notes.\n');
  const scan = await bench.sealwatch('scan');
  expect([scan.exitCode, scan.stdout]).toEqual([0, expect.stringContaining('everything as approved.')]);
});

test('a pulled rug holds that tool and no other', async () => {
  bench.serve('weather', [POISONED]);
  const { exitCode, stdout } = await bench.sealwatch('scan', '--json');
  const scan = JSON.parse(stdout) as { servers: Record<string, unknown>[]; requests: Record<string, unknown>[] };
  expect(exitCode).toBe(1);
  expect(Object.keys(scan)).toEqual(['exitCode', 'servers', 'requests', 'disabled']);
  expect(scan.servers.map(({ server, allowed, held, request }) => [server, allowed, held, request])).toEqual([
    ['weather', 2, 1, 3],
    ['notes', 3, 0, null],
  ]);
  expect(Object.keys(scan.servers[0]!)).toEqual([
    'server',
    'status',
    'at',
    'durationMs',
    'error',
    'tools',
    'prompts',
    'resources',
    'resourceTemplates',
    'allowed',
    'held',
    'blocked',
    'request',
    'definitions',
    'findings',
    'remarks',
    'suggestedMasks',
  ]);
  expect(scan.requests).toEqual([
    {
      id: 3,
      server: 'weather',
      state: 'open',
      urgency: 'critical',
      digest: text(/^sha256:[0-9a-f]{64}$/),
      flapping: false,
      openedAt: text(/Z$/),
      settledAt: null,
      settledBy: null,
      comment: null,
      supersededBy: null,
      severities: [{ ref: 'weather/tool/get_weather', severity: 'high' }],
      review: [],
      endorsements: [],
      changes: [part({ ref: 'weather/tool/get_weather', kind: 'changed', class: 'instruction' })],
      findings: list([part({ rule: 'hide-from-user', ref: 'weather/tool/get_weather' })]),
    },
  ]);
});

test('the change can be read, by number and by name', async () => {
  const pending = await bench.sealwatch('pending');
  expect([pending.exitCode, pending.stdout]).toEqual([1, expect.stringContaining('weather: request 3, critical')]);
  for (const what of ['3', 'weather', 'weather/get_weather']) {
    const diff = await bench.sealwatch('diff', what);
    expect([diff.exitCode, diff.stdout]).toEqual([1, expect.stringContaining('~/.ssh/id_rsa')]);
  }
  const show = await bench.sealwatch('show', 'weather/get_weather', '--json');
  expect(JSON.parse(show.stdout)).toMatchObject({
    exitCode: 1,
    ref: 'weather/tool/get_weather',
    verdict: 'hold',
    reasons: [{ code: 'CHANGED' }],
  });
});

test('a definition is not approved by name unseen, nor another version than was seen', async () => {
  const unseen = await withToken('approve', 'weather/get_weather');
  expect([unseen.exitCode, unseen.stderr]).toEqual([3, expect.stringContaining('needs --fingerprint')]);
  const other = await withToken('approve', 'weather/get_weather', '--fingerprint', '0123456789ab');
  expect([other.exitCode, other.stderr]).toEqual([1, expect.stringContaining('error APPROVAL_STALE: ')]);
  const short = await withToken('approve', '3', '--fingerprint', '012345');
  expect([short.exitCode, short.stderr]).toEqual([3, expect.stringContaining('error FINGERPRINT_INVALID: ')]);
});

test('--all never covers a change of what was approved', async () => {
  const { exitCode, stdout } = await withToken('approve', '--all');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('Left out, because they change what was approved');
});

test('a request that drifted on is stale', async () => {
  bench.serve('weather', [{ ...POISONED, title: 'Weather' }]);
  await bench.sealwatch('scan');
  const stale = await withToken('approve', '3');
  expect([stale.exitCode, stale.stderr]).toEqual([1, expect.stringContaining('error APPROVAL_STALE: ')]);
});

test('a rejected change stays on hold, asks nobody, and can still be approved', async () => {
  const reject = await withToken('reject', '4', '--comment', 'no', '--json');
  expect(JSON.parse(reject.stdout)).toMatchObject({
    exitCode: 0,
    decision: 'reject',
    settled: [{ id: 4, state: 'rejected', settledBy: 'alice (token)', comment: 'no' }],
  });
  const pending = await bench.sealwatch('pending', '--json');
  expect(JSON.parse(pending.stdout)).toMatchObject({ exitCode: 0, open: [], rejected: [{ id: 4 }] });
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const show = JSON.parse((await bench.sealwatch('show', 'weather/get_weather', '--json')).stdout) as {
    version: string;
  };
  const approve = await withToken('approve', 'weather/get_weather', '--fingerprint', show.version.slice(0, 30));
  expect([approve.exitCode, approve.stdout]).toEqual([0, expect.stringContaining('Approved request 4 of weather.')]);
  const again = await withToken('approve', '4');
  expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('error APPROVAL_SETTLED: ')]);
});

test('a finding is waived for a time, with a reason', async () => {
  const options = ['--rule', 'hide-from-user', '--reason', 'a test'];
  const past = await withToken('waive', 'weather/get_weather', ...options, '--until', '2020-01-01');
  expect([past.exitCode, past.stderr]).toEqual([3, expect.stringContaining('is in the past')]);
  const none = await withToken('waive', 'weather/get_weather', '--rule', 'x', '--reason', 'y', '--until', '2099-01-01');
  expect([none.exitCode, none.stderr]).toEqual([3, expect.stringContaining('error NOT_FOUND: rule "x" found nothing')]);
  const waived = await withToken('waive', 'weather/get_weather', ...options, '--until', '2099-01-31', '--json');
  expect(JSON.parse(waived.stdout)).toMatchObject({
    exitCode: 0,
    waived: { rule: 'hide-from-user', expiresAt: '2099-01-31T23:59:59.999Z' },
  });
  const show = await bench.sealwatch('show', 'weather/get_weather');
  expect(show.stdout).not.toContain('hide-from-user');
});

test('the history names every version, and who approved and ended it', async () => {
  expect((await withToken('revoke', 'weather/get_weather', '--reason', 'enough')).exitCode).toBe(0);
  const { stdout } = await bench.sealwatch('history', 'weather/get_weather', '--json');
  const { versions } = JSON.parse(stdout) as {
    versions: { times: number; approvals: { by: string; endedBy: string | null }[] }[];
  };
  expect(
    versions.map(({ times, approvals }) => [times > 0, approvals.map(({ by, endedBy }) => [by, endedBy])]),
  ).toEqual([
    [true, [['alice (token)', expect.any(String)]]],
    [true, []],
    [true, [['alice (token)', 'alice (token)']]],
  ]);
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
});

test('the audit log is intact, and does not begin with a foreign checkpoint', async () => {
  const verify = await bench.sealwatch('audit', 'verify', '--json');
  expect(JSON.parse(verify.stdout)).toMatchObject({ exitCode: 0, intact: true, problems: [] });
  const missing = await bench.sealwatch('audit', 'verify', '--checkpoint', 'nope.txt');
  expect([missing.exitCode, missing.stderr]).toEqual([3, expect.stringContaining('error CHECKPOINT_INVALID: ')]);
});

test('a log that was cut with a plain SQL client is told, and nothing is decided on it', async () => {
  const cut = await mkdtemp(join(tmpdir(), 'sealwatch-cut-'));
  await cp(join(bench.folder, '.sealwatch'), cut, { recursive: true });
  const database = new Database(join(cut, 'sealwatch.db'));
  database.exec('delete from audit_entries where position = (select max(position) from audit_entries)');
  database.close();
  const verify = await bench.sealwatch('audit', 'verify', '--state-dir', cut);
  expect([verify.exitCode, verify.stdout]).toEqual([1, expect.stringContaining('The audit log is broken:')]);
  const scan = await bench.sealwatch('scan', '--state-dir', cut);
  expect([scan.exitCode, scan.stderr]).toEqual([2, expect.stringContaining('error AUDIT_BROKEN: ')]);
  await rm(cut, { recursive: true });
});

test('what is not there is not found', async () => {
  for (const args of [
    ['diff', '99'],
    ['diff', 'nope'],
    ['scan', 'nope'],
    ['show', 'nope'],
    ['history', 'weather/nope'],
    ['show', 'weather/nope'],
  ]) {
    const { exitCode, stderr } = await bench.sealwatch(...args);
    expect([args, exitCode, stderr]).toEqual([args, 3, expect.stringContaining('error NOT_FOUND: ')]);
  }
});
