import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { serverOf } from '../servers/one-tool-server.js';
import { type Served, type StandIn, startStandIn } from '../servers/start-stand-in.js';
import { type Bench, createBench, HONEST, POISONED } from './world.js';

/** One story, told in order: a Python package changes behind `uvx`, which is played by a script here. */
let bench: Bench;
let index: StandIn;
let token = '';
const paths: Record<string, Served> = {};
beforeAll(async () => {
  bench = createBench();
  index = await startStandIn((path) => paths[path]);
  mkdirSync(join(bench.folder, '.config', 'uv'), { recursive: true });
  askAt(index.url.href);
  install(HONEST);
  vi.stubEnv('HOME', bench.folder);
  vi.stubEnv('PATH', `${bench.folder}:${process.env['PATH'] ?? ''}`);
  bench.configure([], {
    servers: { weather: { command: 'uvx', args: ['weather-server'], package: { record: true } } },
  });
  publish({ '1.4.1': 'good' });
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--yes', '--json');
  ({ token } = JSON.parse(stdout) as { token: string });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await index.close();
  bench.close();
});

function askAt(url: string): void {
  writeFileSync(join(bench.folder, '.config', 'uv', 'uv.toml'), `index-url = "${url}simple"\n`);
}

function install(tool: object): void {
  writeFileSync(join(bench.folder, 'uvx'), `#!/usr/bin/env node\n${serverOf(tool)}`);
  chmodSync(join(bench.folder, 'uvx'), 0o755);
}

/** Versions, and what is in their wheels. */
function publish(versions: Readonly<Record<string, string>>): void {
  const files = Object.entries(versions).map(([version, text]) => {
    const filename = `weather_server-${version}-py3-none-any.whl`;
    const sha256 = createHash('sha256').update(text).digest('hex');
    paths[`/files/${filename}`] = { body: Buffer.from(text) };
    return { filename, url: `/files/${filename}`, hashes: { sha256 }, yanked: false, provenance: null };
  });
  paths['/simple/weather-server/'] = { body: { name: 'weather-server', files } };
}

const approve = async (request: string): ReturnType<Bench['sealwatch']> =>
  await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', request, '--yes');

test('the package is approved with where the server comes from', async () => {
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout } = await bench.sealwatch('diff', '1');
  expect(stdout).toContain('name: "pkg:pypi/weather-server"');
  expect(stdout).toContain('1.4.1');
  expect((await approve('1')).exitCode).toBe(0);
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

test('an index that does not answer is no drift: nothing could be checked', async () => {
  askAt('http://127.0.0.1:1/');
  expect((await bench.sealwatch('scan')).exitCode).toBe(2);
  askAt(index.url.href);
  const { stdout } = await bench.sealwatch('pending', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ open: [] });
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
});

test('a new version arrives in one request with what changed in its tools', async () => {
  publish({ '1.4.1': 'good', '1.4.2': 'evil' });
  install(POISONED);
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout: pending } = await bench.sealwatch('pending', '--json');
  expect((JSON.parse(pending) as { open: unknown[] }).open).toHaveLength(1);
  const { stdout } = await bench.sealwatch('diff', '2');
  expect(stdout.replace(/\s+/g, ' ')).toContain('the package is version "1.4.2" and not "1.4.1"');
  expect(stdout).toContain('id_rsa');
  const { stdout: decisions } = await bench.sealwatch('show', 'weather', '--json');
  expect(decisions).not.toContain('"verdict":"allow"');
});

test('other bytes under the same version are noticed though no definition changed', async () => {
  expect((await approve('2')).exitCode).toBe(0);
  publish({ '1.4.1': 'good', '1.4.2': 'worse' });
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout } = await bench.sealwatch('diff', '3');
  expect(stdout.replace(/\s+/g, ' ')).toContain('the list of files of the package changed');
  expect(stdout).toContain('The definition is as approved, but it comes from elsewhere now.');
});
