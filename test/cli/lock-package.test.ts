import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { serverOf } from '../servers/one-tool-server.js';
import { type Registry, startRegistry } from '../servers/start-registry.js';
import { useRegistry } from './package-world.js';
import { type Bench, createBench } from './world.js';

/** One story, told in order: a package changes hands, and no definition does. */
let bench: Bench;
let registry: Registry;
beforeAll(async () => {
  bench = createBench();
  registry = await startRegistry();
  useRegistry(bench, registry.url);
  const weather = { command: 'npx', args: ['-y', 'weather-server@^1.0.0'], package: { record: true } };
  bench.configure([], { servers: { weather } });
  await publish('1.4.1', 'alice');
});
afterAll(async () => {
  await registry.close();
  bench.close();
});

async function publish(version: string, publisher: string): Promise<void> {
  await registry.publish({ name: 'weather-server', version, program: PROGRAM, publisher });
}

const PROGRAM = serverOf({ name: 'get_weather', inputSchema: { type: 'object' } });

interface LockedWeather {
  readonly servers: { readonly weather: { readonly provenance: { readonly package: object } } };
}

test('the lock says what the package is', async () => {
  expect((await bench.sealwatch('lock', '--dump', 'answers.json')).exitCode).toBe(0);
  const lock = JSON.parse(readFileSync(join(bench.folder, 'sealwatch.lock.json'), 'utf8')) as LockedWeather;
  expect(lock.servers.weather.provenance.package).toMatchObject({
    name: 'pkg:npm/weather-server',
    version: '1.4.1',
    publisher: { name: 'alice' },
    isPinned: false,
  });
  expect((await bench.sealwatch('check')).exitCode).toBe(0);
}, 60_000);

test('a dump says it too', async () => {
  expect((await bench.sealwatch('check', '--offline', 'answers.json')).exitCode).toBe(0);
  const dump = JSON.parse(readFileSync(join(bench.folder, 'answers.json'), 'utf8')) as {
    servers: { weather: object };
  };
  const { weather } = dump.servers;
  writeFileSync(
    join(bench.folder, 'cut.json'),
    JSON.stringify({ ...dump, servers: { weather: { ...weather, package: undefined } } }),
  );
  const { exitCode, stdout } = await bench.sealwatch('check', '--offline', 'cut.json');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('the dump does not say of which package it is')]);
});

test('a registry that does not answer is no drift: the server could not be checked', async () => {
  useRegistry(bench, 'http://127.0.0.1:1');
  const { exitCode, stdout } = await bench.sealwatch('check');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('weather: could not be checked')]);
  useRegistry(bench, registry.url);
}, 60_000);

test('a package that changed hands fails the gate though no definition changed', async () => {
  await publish('1.4.2', 'mallory');
  const { exitCode, stdout } = await bench.sealwatch('check');
  expect(exitCode).toBe(1);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'the package is version "1.4.2" and not "1.4.1"; the publisher of the package changed',
  );
}, 60_000);

test('what the policy asks of packages is not lifted by a lock', async () => {
  const weather = { command: 'npx', args: ['-y', 'weather-server@^1.0.0'] };
  bench.configure([], { servers: { weather }, policy: { packages: { requirePinned: true } } });
  expect((await bench.sealwatch('lock')).exitCode).toBe(0);
  const { exitCode, stdout } = await bench.sealwatch('check', '--sarif', 'a.sarif');
  expect([exitCode, stdout]).toEqual([
    1,
    expect.stringContaining('high: the command asks for no exact version, and requirePinned is set'),
  ]);
  expect(readFileSync(join(bench.folder, 'a.sarif'), 'utf8')).toContain('"ruleId": "lock/package"');
}, 60_000);
