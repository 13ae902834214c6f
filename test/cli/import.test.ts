import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Bench, createBench, HONEST, POISONED } from './world.js';

const OTHER = { ...HONEST, name: 'get_forecast', description: 'Returns a forecast.' };

let bench: Bench;
beforeEach(async () => {
  bench = createBench();
  bench.configure(['weather']);
  bench.serve('weather', [HONEST]);
  await bench.sealwatch('init');
});
afterEach(() => {
  bench.close();
});

interface Request {
  readonly changes: readonly { readonly ref: string; readonly kind: string }[];
}

/** The changes that are asked for, after importing a file. */
async function imported(file: string): Promise<readonly [number | null, readonly string[]]> {
  const { exitCode, stdout, stderr } = await bench.sealwatch('import', file, '--json');
  expect(stderr).toBe('');
  const { requests } = JSON.parse(stdout) as { requests: readonly Request[] };
  return [exitCode, requests.flatMap(({ changes }) => changes.map(({ ref, kind }) => `${ref} ${kind}`))];
}

async function approvedNow(): Promise<number> {
  const { stdout } = await bench.sealwatch('scan', '--json');
  return (JSON.parse(stdout) as { servers: { allowed: number }[] }).servers[0]?.allowed ?? -1;
}

async function approveWith(token: string, request: string): Promise<number | null> {
  const { exitCode } = await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', request, '--yes');
  return exitCode;
}

async function addApprover(): Promise<string> {
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--json');
  return (JSON.parse(stdout) as { token: string }).token;
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** As that tool writes it; members of the tools are in order already. */
function mcpPinLock(name: string, tools: readonly { readonly name: string }[]): object {
  const sorted = tools.map((tool) => ({ tool, hash: sha256(inOrder(tool)) }));
  const lines = sorted.map(({ tool, hash }) => `${tool.name}:${hash}`).sort();
  const entry = {
    id: '0123456789abcdef',
    setHash: createHash('sha256').update(lines.join('\n')).digest('hex'),
    tools: sorted.map(({ tool, hash }) => ({ name: tool.name, hash, definition: tool })),
    instructionsHash: null,
    instructions: null,
  };
  return { lockfileVersion: 1, about: 'Written by mcp-pin lock.', servers: { [name]: entry } };
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, inOrder(member)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function write(name: string, value: unknown): string {
  writeFileSync(join(bench.folder, name), JSON.stringify(value));
  return name;
}

test('our lock asks for everything that it says, and approves nothing, whatever the policy is', async () => {
  await bench.sealwatch('lock');
  bench.configure(['weather'], { defaults: { firstUse: 'trust' }, policy: { autoApprove: ['cosmetic', 'removal'] } });
  expect(await imported('sealwatch.lock.json')).toEqual([
    1,
    ['weather/provenance/ added', 'weather/server/ added', 'weather/tool/get_weather added'],
  ]);
  const { stdout } = await bench.sealwatch('show', 'weather', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ allowed: 0, lastCheckAt: null });
});

test('a person can approve it as soon as the server shows exactly that, and not before', async () => {
  const token = await addApprover();
  await bench.sealwatch('lock');
  await imported('sealwatch.lock.json');
  const early = await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', '1', '--yes');
  expect([early.exitCode, early.stderr]).toEqual([1, expect.stringContaining('error APPROVAL_STALE: request 1 ')]);
  await bench.sealwatch('scan');
  expect(await approveWith(token, '1')).toBe(0);
  expect([(await bench.sealwatch('scan')).exitCode, await approvedNow()]).toEqual([0, 3]);
  expect(await imported('sealwatch.lock.json')).toEqual([0, []]);
  bench.serve('weather', [POISONED]);
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
});

test('a lock of mcp-pin is about tools, and leaves the rest as it is approved', async () => {
  const token = await addApprover();
  await bench.sealwatch('scan');
  expect(await approveWith(token, '1')).toBe(0);
  expect(await imported(write('mcp-pin.lock', mcpPinLock('Weather', [HONEST, OTHER])))).toEqual([
    1,
    ['weather/tool/get_forecast added'],
  ]);
});

test('a file does not take the place of what a server did', async () => {
  const token = await addApprover();
  await bench.sealwatch('scan');
  expect(await approveWith(token, '1')).toBe(0);
  bench.serve('weather', [POISONED]);
  await bench.sealwatch('scan');
  const { exitCode, stderr } = await bench.sealwatch('import', write('mcp-pin.lock', mcpPinLock('weather', [OTHER])));
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('error REQUEST_OPEN: weather: request 2 waits')]);
  expect((await bench.sealwatch('pending')).stdout).toContain('request 2');
});

test('an import is no check: the time of the last one stays', async () => {
  await bench.sealwatch('scan');
  const token = await addApprover();
  expect(await approveWith(token, '1')).toBe(0);
  const before = JSON.parse((await bench.sealwatch('show', 'weather', '--json')).stdout) as Record<string, unknown>;
  await imported(write('mcp-pin.lock', mcpPinLock('weather', [OTHER])));
  const after = JSON.parse((await bench.sealwatch('show', 'weather', '--json')).stdout) as Record<string, unknown>;
  expect([after['lastCheckAt'], after['checks']]).toEqual([before['lastCheckAt'], before['checks']]);
});

test('what a lock cannot show is left out, and told', async () => {
  const limit = JSON.stringify(HONEST).replace('"city":{', '"most":{"maximum":9007199254740993},"city":{');
  writeFileSync(join(bench.folder, 'weather.json'), `[${limit}]`);
  await bench.sealwatch('lock');
  expect((await bench.sealwatch('check')).exitCode).toBe(0);
  const { stdout } = await bench.sealwatch('import', 'sealwatch.lock.json', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: 1, left: ['weather/tool/get_weather'] });
});

test('masked text is asked for as it is masked, and approved as such', async () => {
  const token = await addApprover();
  const volatile = [{ kind: 'tool', name: 'get_weather', pointer: '/description', pattern: '\\d{4}-\\d{2}-\\d{2}' }];
  const server = join(import.meta.dirname, '..', 'servers', 'file-server.mjs');
  bench.configure([], {
    servers: { weather: { command: process.execPath, args: [server, 'weather.json'], volatile } },
  });
  bench.serve('weather', [{ ...HONEST, description: 'It is 2026-11-30.' }]);
  await bench.sealwatch('lock');
  const { stdout } = await bench.sealwatch('import', 'sealwatch.lock.json', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ exitCode: 1, left: [] });
  bench.serve('weather', [{ ...HONEST, description: 'It is 2026-12-01.' }]);
  await bench.sealwatch('scan');
  expect(await approveWith(token, '1')).toBe(0);
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

const PIN = mcpPinLock('weather', [HONEST]) as { servers: { weather: { tools: object[] } } };

test.each([
  ['a changed text', JSON.stringify(PIN).replace('weather of a city', 'weather'), 3, 'LOCK_INVALID'],
  [
    'a changed set hash',
    JSON.stringify(PIN).replace(/"setHash":"[0-9a-f]{8}/, '"setHash":"00000000'),
    3,
    'LOCK_INVALID',
  ],
  [
    'a name that is not that of the tool',
    JSON.stringify(PIN).replace('"name":"get_weather","hash"', '"name":"x","hash"'),
    3,
    'LOCK_INVALID',
  ],
  ['another server', JSON.stringify(mcpPinLock('news', [HONEST])), 3, 'NOT_FOUND'],
  ['no JSON', '<<<<<<<', 3, 'LOCK_INVALID'],
])('a lock with %s is refused', async (_, text, exitCode, code) => {
  writeFileSync(join(bench.folder, 'mcp-pin.lock'), text);
  const answer = await bench.sealwatch('import', 'mcp-pin.lock', '--json');
  expect(JSON.parse(answer.stdout)).toMatchObject({ exitCode, error: { code } });
});
