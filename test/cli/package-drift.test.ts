import { afterAll, beforeAll, expect, test } from 'vitest';

import { serverOf } from '../servers/one-tool-server.js';
import { type Registry, startRegistry } from '../servers/start-registry.js';
import { toolsBehindShim, useRegistry } from './package-world.js';
import { type Bench, createBench, HONEST, POISONED } from './world.js';

/** One story, told in order: a package is taken over. `npx` starts what the registry serves. */
let bench: Bench;
let registry: Registry;
let token = '';
beforeAll(async () => {
  bench = createBench();
  registry = await startRegistry();
  useRegistry(bench, registry.url);
  configure('weather-server@^1.0.0');
  await publish('1.4.1', HONEST, { publisher: 'alice' });
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--yes', '--json');
  ({ token } = JSON.parse(stdout) as { token: string });
});
afterAll(async () => {
  await registry.close();
  bench.close();
});

function configure(spec: string): void {
  const weather = { command: 'npx', args: ['-y', spec], package: { record: true } };
  bench.configure([], { servers: { weather } });
}

async function publish(version: string, tool: object, more: object): Promise<void> {
  await registry.publish({ name: 'weather-server', version, program: serverOf(tool), ...more });
}

const approve = async (request: string): ReturnType<Bench['sealwatch']> =>
  await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', request, '--yes');

test('the package is approved with where the server comes from', async () => {
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout } = await bench.sealwatch('diff', '1');
  expect(stdout).toContain('name: "pkg:npm/weather-server"');
  expect(stdout).toContain('1.4.1');
  expect((await approve('1')).exitCode).toBe(0);
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

test('a registry that does not answer is no drift: nothing could be checked', async () => {
  useRegistry(bench, 'http://127.0.0.1:1');
  expect((await bench.sealwatch('scan')).exitCode).toBe(2);
  useRegistry(bench, registry.url);
  const { stdout } = await bench.sealwatch('pending', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ open: [] });
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

test('code that changes hands is noticed though no definition changed', async () => {
  await publish('1.4.2', HONEST, { publisher: 'mallory' });
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout } = await bench.sealwatch('diff', '2');
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'the package is version "1.4.2" and not "1.4.1"; the publisher of the package changed',
  );
  expect(stdout).not.toContain('/description');
});

test('a new version by somebody else, whose signature is gone, arrives in one request with what changed in its tools', async () => {
  await publish('1.4.3', POISONED, {
    publisher: 'mallory',
    maintainers: ['mallory'],
    isSigned: false,
    at: '2026-11-30T05:00:00.000Z',
  });
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout: pending } = await bench.sealwatch('pending', '--json');
  expect((JSON.parse(pending) as { open: unknown[] }).open).toHaveLength(1);
  const { stdout } = await bench.sealwatch('diff', '3');
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'the package is version "1.4.3" and not "1.4.1"; the signature of the package is lost; the publisher of the package changed',
  );
  for (const shown of ['mallory', '2026-11-30T05:00:00.000Z', 'signature', 'id_rsa']) expect(stdout).toContain(shown);
  const { stdout: decisions } = await bench.sealwatch('show', 'weather', '--json');
  expect(decisions).not.toContain('"verdict":"allow"');
});

test('an older version is said to be one', async () => {
  expect((await approve('3')).exitCode).toBe(0);
  configure('weather-server@1.4.1');
  await bench.sealwatch('scan');
  const { stdout } = await bench.sealwatch('diff', 'weather');
  expect(stdout).toContain('which is older');
});

test('what the policy asks for is not lifted by an approval, and is told in the decision', async () => {
  const weather = { command: 'npx', args: ['-y', 'weather-server@1.4.1'] };
  const packages = {
    requirePinned: true,
    requireProvenance: true,
    minimumAge: '7d',
    allowedRegistries: [registry.url],
  };
  bench.configure([], { servers: { weather }, policy: { packages } });
  await bench.sealwatch('scan');
  expect((await approve('4')).exitCode).toBe(0);
  const { exitCode, stdout } = await bench.sealwatch('scan', '--json');
  const { servers } = JSON.parse(stdout) as { servers: { allowed: number; definitions: { reasons: object[] }[] }[] };
  expect([exitCode, servers[0]?.allowed]).toEqual([1, 0]);
  for (const { reasons } of servers[0]?.definitions ?? [])
    expect(reasons).toEqual([
      {
        code: 'PACKAGE_POLICY',
        message: 'it could not be told what the package was built from, and requireProvenance is set',
      },
    ]);
  bench.configure([], { servers: { weather }, policy: { packages: { ...packages, requireProvenance: undefined } } });
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

test('a client behind `sealwatch run` gets what is approved with this package, and nothing with another one', async () => {
  expect(await toolsBehindShim(bench, 'weather')).toHaveLength(1);
  // The same command and the same tools: the registry serves another version under the same number.
  await publish('1.4.1', HONEST, { publisher: 'mallory' });
  expect(await toolsBehindShim(bench, 'weather')).toEqual([]);
});
