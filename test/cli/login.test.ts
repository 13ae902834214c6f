import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Authorization, startAuthorization, walkThrough } from '../mcp/start-authorization.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
let authorization: Authorization;
beforeEach(async () => {
  bench = createBench();
  authorization = await startAuthorization();
  bench.configure(['github'], {
    servers: { remote: { url: authorization.url, oauth: true }, github: { command: 'x' } },
  });
  await bench.sealwatch('init');
});
afterEach(async () => {
  await authorization.close();
  bench.close();
});

test('prints a link, waits for the browser, and the next check is signed in; logout forgets it', async () => {
  const before = await bench.sealwatch('scan', 'remote');
  expect(before.stdout + before.stderr).toContain('sealwatch login remote');
  const login = bench.start('login', 'remote');
  await login.until('code_challenge=');
  await walkThrough(new URL(/http:\S+code_challenge=\S+/.exec(login.output())?.[0] ?? ''));
  expect(await login.ended).toBe(0);
  expect(login.output()).toContain('Signed in to remote');
  expect((await bench.sealwatch('scan', 'remote', '--json')).stdout).toContain('"remote/tool/add"');
  expect(statSync(join(bench.folder, '.sealwatch', 'vault.key')).mode & 0o777).toBe(0o600);
  expect((await bench.sealwatch('logout', 'remote')).exitCode).toBe(0);
  expect((await bench.sealwatch('scan', 'remote')).exitCode).toBe(2);
});

test('a new key seals what is kept, and the old one opens nothing any more', async () => {
  const login = bench.start('login', 'remote');
  await login.until('code_challenge=');
  await walkThrough(new URL(/http:\S+code_challenge=\S+/.exec(login.output())?.[0] ?? ''));
  await login.ended;
  const file = join(bench.folder, '.sealwatch', 'vault.key');
  const old = readFileSync(file, 'utf8').trim();
  expect((await bench.sealwatch('vault', 'rotate')).stdout).toContain('1 secret is sealed with the new key');
  expect(readFileSync(file, 'utf8').trim().split('\n')).not.toContain(old);
  expect((await bench.sealwatch('scan', 'remote', '--json')).stdout).toContain('"remote/tool/add"');
  expect((await bench.sealwatchWith({ SEALWATCH_KEY: old }, 'scan', 'remote')).stdout).toContain('SECRET_SEALED');
  const mine = randomBytes(32).toString('base64');
  const now = readFileSync(file, 'utf8').trim();
  expect((await bench.sealwatchWith({ SEALWATCH_KEY: `${mine},${now}` }, 'vault', 'rotate')).exitCode).toBe(0);
  const scanned = await bench.sealwatchWith({ SEALWATCH_KEY: mine }, 'scan', 'remote', '--json');
  expect(scanned.stdout).toContain('"remote/tool/add"');
  // As a keyring gives it: printed by a command, with a line break.
  writeFileSync(join(bench.folder, 'kept'), `${mine}\n`);
  const asked = await bench.sealwatchWith(
    { SEALWATCH_KEY_COMMAND: `cat '${join(bench.folder, 'kept')}'` },
    'scan',
    'remote',
    '--json',
  );
  expect(asked.stdout).toContain('"remote/tool/add"');
});

test('init makes the key, readable by its owner only, and none where it is given another way', async () => {
  const file = join(bench.folder, '.sealwatch', 'vault.key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(join(bench.folder, '.sealwatch'), { recursive: true });
  const given = { SEALWATCH_KEY: randomBytes(32).toString('base64') };
  expect((await bench.sealwatchWith(given, 'init')).exitCode).toBe(0);
  expect(existsSync(file)).toBe(false);
});

test.each([
  ['a server that is not configured', ['login', 'nobody']],
  ['a server without oauth', ['login', 'github']],
  ['a time that is none', ['login', 'remote', '--timeout', 'soon']],
])('%s is a mistake of usage', async (_, args) => {
  expect((await bench.sealwatch(...args)).exitCode).toBe(3);
});

test.each<[string, Record<string, string>, string]>([
  ['short', { SEALWATCH_KEY: 'short' }, 'SEALWATCH_KEY must hold the base64 of 32 bytes'],
  ['printed', { SEALWATCH_KEY_COMMAND: 'echo not-a-key' }, 'SEALWATCH_KEY_COMMAND must hold the base64 of 32 bytes'],
  ['not there', { SEALWATCH_KEY_COMMAND: 'true' }, 'SEALWATCH_KEY_COMMAND must hold the base64 of 32 bytes'],
  [
    'locked away',
    { SEALWATCH_KEY_COMMAND: 'echo half-of-a-key; exit 7' },
    'the command of SEALWATCH_KEY_COMMAND failed (exit code 7)',
  ],
  ['given twice', { SEALWATCH_KEY: 'x', SEALWATCH_KEY_COMMAND: 'x' }, 'are both set: unset one of the two'],
])('a key that is %s is said, never shown, and no other is made', async (_, env, expected) => {
  const file = join(bench.folder, '.sealwatch', 'vault.key');
  const before = readFileSync(file, 'utf8');
  const { exitCode, stderr, stdout } = await bench.sealwatchWith(env, 'scan', 'remote');
  expect([exitCode, stderr.includes(expected)]).toEqual([3, true]);
  expect(stdout + stderr).not.toMatch(/not-a-key|half-of-a-key/);
  expect(readFileSync(file, 'utf8')).toBe(before);
});
