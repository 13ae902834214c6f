import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Bench, createBench, HONEST, POISONED } from './world.js';

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

test('a server that cannot be checked is exit code 2, and the others are answered', async () => {
  const broken = { command: 'sealwatch-no-such-program' };
  const weather = {
    command: process.execPath,
    args: [join(import.meta.dirname, '..', 'servers', 'file-server.mjs'), 'weather.json'],
  };
  bench.configure([], { servers: { broken, weather } });
  const { exitCode, stdout } = await bench.sealwatch('scan', '--json');
  const { servers } = JSON.parse(stdout) as {
    servers: { server: string; status: string; tools: number; error: unknown }[];
  };
  expect(exitCode).toBe(2);
  expect(servers.map(({ server, status, tools }) => [server, status, tools])).toEqual([
    ['broken', 'unchecked', 0],
    ['weather', 'checked', 1],
  ]);
  expect(servers[0]?.error).toMatchObject({ code: 'OBSERVE_START_FAILED' });
  const text = await bench.sealwatch('scan');
  expect(text.stdout).toContain('broken   could not check: OBSERVE_START_FAILED cannot start');
  expect(text.stdout).toContain('1 of 2 servers checked');
  for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('watch prints a change as it happens, and stops when told to', async () => {
  const running = bench.start('watch', '--json');
  await running.until('watching 1 server');
  bench.serve('weather', [POISONED]);
  await running.until('hide-from-user');
  running.process.kill('SIGINT');
  expect(await running.ended).toBe(0);
  const events = running
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { event: string; exitCode?: number });
  expect(events.map(({ event }) => event)).toEqual(['asks', 'asks', 'stopped']);
  expect(events.at(-1)).toEqual({ exitCode: 0, event: 'stopped' });
});

test('one service runs on a state directory; one that was killed leaves no lock behind', async () => {
  const first = bench.start('serve', '--port', '0');
  await first.until('watching 1 server');
  const { pid, url } = JSON.parse(readFileSync(join(bench.folder, '.sealwatch', 'service.json'), 'utf8')) as {
    pid: number;
    url: string;
  };
  expect(pid).toBe(first.process.pid);
  expect((await fetch(`${url}/enrol`)).status).toBe(200);
  const second = await bench.sealwatch('serve', '--port', '0');
  expect([second.exitCode, second.stderr]).toEqual([2, expect.stringContaining(`already: process ${pid}, ${url}`)]);
  first.process.kill('SIGKILL');
  await first.ended;
  const third = bench.start('serve', '--port', '0');
  await third.until('watching 1 server');
  third.process.kill('SIGTERM');
  expect(await third.ended).toBe(0);
});

test('serve sends alerts with the diff to standard output', async () => {
  bench.configure(['weather'], { notify: { stdout: {} } });
  const running = bench.start('serve', '--port', '0');
  await running.until('watching 1 server');
  bench.serve('weather', [POISONED]);
  await running.until('~/.ssh/id_rsa');
  expect(running.output()).toContain('[critical] weather');
});

test('a port that is taken is said', async () => {
  const first = bench.start('serve', '--port', '0');
  await first.until('watching 1 server');
  const { url } = JSON.parse(readFileSync(join(bench.folder, '.sealwatch', 'service.json'), 'utf8')) as { url: string };
  await bench.sealwatch('--state-dir', 'other', 'init');
  const second = await bench.sealwatch('--state-dir', 'other', 'serve', '--port', new URL(url).port);
  expect([second.exitCode, second.stderr]).toEqual([
    2,
    expect.stringContaining('error SERVE_FAILED: cannot listen on 127.0.0.1 port '),
  ]);
});

test('the selftest passes, and leaves nothing behind', async () => {
  const { exitCode, stdout } = await bench.sealwatch('selftest', '--json');
  const { steps } = JSON.parse(stdout) as { steps: { name: string; passed: boolean }[] };
  expect([exitCode, steps.filter(({ passed }) => !passed)]).toEqual([0, []]);
  expect(steps.map(({ name }) => name)).toEqual([
    'the bundled server is listed',
    'what is new is held',
    'what was approved is allowed',
    'the pulled rug is noticed',
    'only the changed tool is held',
    'it is reported with its diff',
    'the audit log is intact',
  ]);
});
