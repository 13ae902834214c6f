import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { serverOf } from '../servers/one-tool-server.js';
import { type Bench, createBench, HONEST, POISONED } from './world.js';

let bench: Bench;
let token = '';
beforeEach(async () => {
  bench = createBench();
  write('server.cjs', serverOf(HONEST));
  write('weather', `#!/usr/bin/env node\n${serverOf(HONEST)}`);
  chmodSync(join(bench.folder, 'weather'), 0o755);
  write('package-lock.json', '{}');
  configure('node', 'server.cjs');
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--yes', '--json');
  ({ token } = JSON.parse(stdout) as { token: string });
});
afterEach(() => {
  bench.close();
});

function write(name: string, text: string): void {
  writeFileSync(join(bench.folder, name), text);
}

function configure(command: string, ...args: readonly string[]): void {
  bench.configure([], { servers: { weather: { command, args, package: { record: true } } } });
}

async function approveAll(): Promise<void> {
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  expect((await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', '1', '--yes')).exitCode).toBe(0);
  expect((await bench.sealwatch('scan')).exitCode).toBe(0);
}

const ROWS: readonly (readonly [string, readonly string[], () => void, string])[] = [
  [
    'a script',
    ['node', 'server.cjs'],
    () => {
      write('server.cjs', `${serverOf(HONEST)}// Nobody sees this.\n`);
    },
    'the bytes of what is started are others than were approved; the program or interpreter of the package changed',
  ],
  [
    'a program',
    ['./weather'],
    () => {
      write('weather', `#!/usr/bin/env node\n${serverOf(HONEST)}// Nobody sees this.\n`);
    },
    'the bytes of what is started are others than were approved; the program or interpreter of the package changed',
  ],
  [
    'the lock file of a script',
    ['node', 'server.cjs'],
    () => {
      write('package-lock.json', '{ "packages": {} }');
    },
    'the lock file of the package changed',
  ],
];
test.each(ROWS)('%s that changes is noticed though no definition changed', async (_, command, change, because) => {
  configure(command[0] ?? '', ...command.slice(1));
  await approveAll();
  change();
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout } = await bench.sealwatch('diff', '2');
  expect(stdout.replace(/\s+/g, ' ')).toContain(because);
  expect(stdout).not.toContain('/description');
});

test('a script that changes arrives in one request with what changed in its tools, and nothing of it is allowed', async () => {
  await approveAll();
  write('server.cjs', serverOf(POISONED));
  expect((await bench.sealwatch('scan')).exitCode).toBe(1);
  const { stdout: pending } = await bench.sealwatch('pending', '--json');
  expect((JSON.parse(pending) as { open: unknown[] }).open).toHaveLength(1);
  const { stdout } = await bench.sealwatch('diff', '2');
  for (const shown of ['sha256', 'id_rsa']) expect(stdout).toContain(shown);
  const { stdout: decisions } = await bench.sealwatch('show', 'weather', '--json');
  expect(decisions).not.toContain('"verdict":"allow"');
});
