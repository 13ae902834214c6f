import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { JsonObject } from '../../src/model/json.js';
import { packageArguments } from '../../src/policy/identify-launch.js';
import type { PreparedStart } from '../../src/ports.js';
import type { FoundIsolation } from '../../src/supply-chain/find-isolation.js';
import { createPackages } from '../../src/supply-chain/create-packages.js';
import { createSources } from '../../src/supply-chain/create-sources.js';
import { createPackageCache } from '../../src/supply-chain/package-cache.js';
import { createPrepare } from '../../src/supply-chain/run-approved.js';
import { type Registry, startRegistry } from '../servers/start-registry.js';
import { makeServer } from '../mcp/make-server.js';

const folder = mkdtempSync(join(tmpdir(), 'run-approved-'));
const environment = (): Record<string, string> => ({ HOME: folder, PATH: process.env['PATH'] ?? '' });
const NO_ISOLATION: FoundIsolation = { kind: 'none', why: 'there is no bwrap' };

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
  const lines = [`registry=${registry.url}/`, `cache=${join(folder, 'cache')}`, 'fetch-retries=0', ''];
  writeFileSync(join(folder, '.npmrc'), lines.join('\n'));
  await registry.publish({ name: 'files', version: '1.0.0' });
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly purpose: 'try' | 'serve';
  readonly approved?: JsonObject;
  readonly args?: readonly string[];
  readonly command?: string;
  readonly trial?: 'isolated' | 'plain';
  readonly name?: string;
}

async function prepare(asked: Asked): Promise<PreparedStart | undefined> {
  const { purpose, approved, command = 'npx', args = ['-y', 'files@^1.0.0', '/data'], trial = 'isolated' } = asked;
  const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
  const packages = createPackages({ clock, sources: createSources({ tree: 'left' }), environment });
  const launch = { command, args, env: {}, cwd: folder };
  const server = { ...makeServer({ kind: 'stdio', launch }), recordsPackage: true, runsApproved: trial };
  const run = createPrepare({
    packages,
    cache: createPackageCache(join(folder, 'packages')),
    approvedOf: () => Promise.resolve(approved),
    purpose,
    isolation: () => Promise.resolve(NO_ISOLATION),
    environment,
    home: homedir(),
  });
  return await run(server, AbortSignal.timeout(60_000));
}

describe('where nothing isolates', () => {
  test('nothing is started that nobody has approved', async () => {
    await expect(prepare({ purpose: 'try' })).rejects.toMatchObject({ code: 'PACKAGE_NOT_TRIED' });
  });

  test('it is started all the same where the configuration says so', async () => {
    const start = await prepare({ purpose: 'try', trial: 'plain' });
    expect(start?.launch.args.slice(1)).toEqual(['/data']);
    expect(start?.named.args).toEqual(['-y', 'files@1.0.0']);
    expect(start?.recorded).toMatchObject({ version: '1.0.0', isPinned: true, tree: { files: '1.0.0' } });
  });

  test('of a newer version the package is told, and what is approved is looked at in its place', async () => {
    const approved = (await prepare({ purpose: 'try', trial: 'plain' }))?.recorded;
    await registry.publish({ name: 'files', version: '1.1.0' });
    const start = await prepare({ purpose: 'try', ...(approved === undefined ? {} : { approved }) });
    expect(start?.recorded).toMatchObject({
      version: '1.1.0',
      trial: 'could not tell what it says: no isolation is to be had here (there is no bwrap)',
    });
    expect(start?.named.args).toEqual(['-y', 'files@1.0.0']);
    const served = await prepare({ purpose: 'serve', ...(approved === undefined ? {} : { approved }) });
    expect(served?.recorded).toEqual(approved);
  });
});

test('a newest version that cannot be installed leaves the approved one running, and says so', async () => {
  await registry.publish({ name: 'maps', version: '1.0.0' });
  const args = ['-y', 'maps'];
  const approved = (await prepare({ purpose: 'try', trial: 'plain', args }))?.recorded ?? {};
  await registry.publish({
    name: 'maps',
    version: '1.1.0',
    manifest: { dependencies: { evil: 'git+ssh://127.0.0.1/x' } },
  });
  const start = await prepare({ purpose: 'try', args, approved });
  expect([start?.recorded, start?.named.args]).toEqual([approved, ['-y', 'maps@1.0.0']]);
  expect(start?.remark).toContain('could not be looked at: "maps@1.1.0" could not be installed');
});

test('a newest version whose bytes are not those that are named is told, and not run', async () => {
  await registry.publish({ name: 'roads', version: '1.0.0' });
  const args = ['-y', 'roads'];
  const approved = (await prepare({ purpose: 'try', trial: 'plain', args }))?.recorded ?? {};
  await registry.publish({ name: 'roads', version: '1.1.0', servedBytes: Buffer.from('tampered') });
  const start = await prepare({ purpose: 'try', args, approved });
  expect(start?.named.args).toEqual(['-y', 'roads@1.0.0']);
  expect(start?.recorded).toMatchObject({
    version: '1.1.0',
    integrity: { contradicts: 'the bytes are not those that the registry names' },
    trial: 'could not tell what it says: its version or its bytes could not be told',
  });
});

test('a newest version without a program leaves the approved one running', async () => {
  await registry.publish({ name: 'ways', version: '1.0.0' });
  const args = ['-y', 'ways'];
  const approved = (await prepare({ purpose: 'try', trial: 'plain', args }))?.recorded ?? {};
  await registry.publish({ name: 'ways', version: '1.1.0', manifest: { bin: { ways: 'gone.js' } } });
  const start = await prepare({ purpose: 'try', args, approved });
  expect(start?.recorded).toEqual(approved);
  expect(start?.remark).toContain('"ways" has no program: its files are not as they should be (ENOENT)');
});

test('another package in the command is none that was approved', async () => {
  const approved = (await prepare({ purpose: 'try', trial: 'plain', args: ['-y', 'maps@1.0.0'] }))?.recorded ?? {};
  await expect(prepare({ purpose: 'serve', args: ['-y', 'files'], approved })).rejects.toMatchObject({
    code: 'PACKAGE_NOT_APPROVED',
  });
});

test('clients are served with nothing where nothing is approved', async () => {
  await expect(prepare({ purpose: 'serve' })).rejects.toMatchObject({ code: 'PACKAGE_NOT_APPROVED' });
});

test('an approval from before, without what it is installed with, is none that can be run', async () => {
  const approved = { name: 'pkg:npm/files', version: '1.0.0', integrity: 'sha512-x' };
  await expect(prepare({ purpose: 'serve', approved })).rejects.toMatchObject({ code: 'PACKAGE_NOT_APPROVED' });
});

test.each([
  ['a Python package', { command: 'uvx', args: ['files'] }],
  ['a script', { command: 'node', args: ['server.js'] }],
  ['what cannot be told', { command: 'npx', args: ['--registry=http://evil.example', 'files'] }],
])('%s cannot be run as it is approved', async (_, launch) => {
  await expect(prepare({ purpose: 'try', ...launch })).rejects.toMatchObject({ code: 'PACKAGE_NOT_INSTALLED' });
});

test.each([
  ['a git repository', 'git+ssh://git@127.0.0.1/evil.git'],
  ['a folder of this machine', 'file:../../../etc'],
  ['an address', 'http://127.0.0.1:1/evil.tgz'],
])('a package that depends on %s is not installed', async (what, range) => {
  const name = `needs-${what.replaceAll(' ', '-')}`;
  await registry.publish({ name, version: '1.0.0', manifest: { dependencies: { evil: range } } });
  await expect(prepare({ purpose: 'try', trial: 'plain', args: [name] })).rejects.toMatchObject({
    code: 'PACKAGE_NOT_TRIED',
    message: expect.stringContaining('EALLOW') as string,
  });
});

test.each<[string, readonly string[], readonly string[]]>([
  ['npx', ['-y', 'files', '--root', '/a'], ['--root', '/a']],
  ['npx', ['-y', '-p', 'files', 'files', '/a'], ['/a']],
  ['npx', ['files', '--', '/a'], ['--', '/a']],
  ['npm', ['exec', '-y', '--', 'files', '/a'], ['/a']],
  ['npm', ['exec', 'files', '--', '/a'], ['/a']],
  ['pnpm', ['dlx', 'files', '/a'], ['/a']],
  ['bunx', ['--bun', 'files', '/a'], ['/a']],
  ['cmd', ['/c', 'npx', '-y', 'files', '/a'], ['/a']],
  ['npx.cmd', ['files'], []],
])('%s %j gives its program %j', (command, args, given) => {
  expect(packageArguments({ command, args })).toEqual(given);
});
