import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Registry, startRegistry } from '../servers/start-registry.js';
import { type Bench, createBench } from './world.js';

/** One story, told in order: a package changes hands, and no definition does. */
let bench: Bench;
let registry: Registry;
beforeAll(async () => {
  bench = createBench();
  registry = await startRegistry();
  useRegistry(registry.url);
  const weather = { command: 'npx', args: ['-y', 'weather-server@^1.0.0'], package: { record: true } };
  bench.configure([], { servers: { weather } });
  await publish('1.4.1', 'alice');
});
afterAll(async () => {
  await registry.close();
  bench.close();
});

/** npm tries again for two minutes otherwise. */
function useRegistry(url: string): void {
  const lines = [`registry=${url}/`, `cache=${join(bench.folder, 'cache')}`, 'fetch-retries=0', ''];
  writeFileSync(join(bench.folder, '.npmrc'), lines.join('\n'));
}

async function publish(version: string, publisher: string): Promise<void> {
  await registry.publish({ name: 'weather-server', version, program: PROGRAM, publisher });
}

const PROGRAM = `
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'weather', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'get_weather', inputSchema: { type: 'object' } }] }),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const end = answer ? { result: answer(params) } : { error: { code: -32601, message: 'no' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...end }));
}).on('close', () => process.exit(0));
`;

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
  useRegistry('http://127.0.0.1:1');
  const { exitCode, stdout } = await bench.sealwatch('check');
  expect([exitCode, stdout]).toEqual([2, expect.stringContaining('weather: could not be checked')]);
  useRegistry(registry.url);
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
