import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Bench, createBench } from './world.js';

let bench: Bench;
let approver: { readonly SEALWATCH_APPROVER_TOKEN: string };
beforeEach(async () => {
  bench = createBench();
  bench.configure(['github']);
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--json');
  approver = { SEALWATCH_APPROVER_TOKEN: (JSON.parse(stdout) as { token: string }).token };
});
afterEach(() => {
  bench.close();
});

const token = (...args: readonly string[]): ReturnType<Bench['sealwatch']> =>
  bench.sealwatchWith(approver, 'token', ...args);

test('a token is added, listed without anything secret, and removed', async () => {
  const added = await token('add', 'ci', '--role', 'approver', '--servers', 'git*', '--expires', '30d', '--json');
  const { token: secret, ...rest } = JSON.parse(added.stdout) as { token: string; expiresAt: string };
  expect(secret).toMatch(/^swt_[\w-]{43}$/);
  const grants = [{ role: 'approver', servers: ['git*'] }];
  expect(rest).toMatchObject({ exitCode: 0, name: 'ci', grants, apiUrl: 'http://127.0.0.1:8470/api/v1' });
  const days = (Date.parse(rest.expiresAt) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(30);

  const listed = await token('list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({
    tokens: [{ name: 'ci', grants, addedBy: 'alice (token)', isExpired: false }],
  });
  expect(listed.stdout).not.toContain(secret.slice(4));
  expect((await token('list')).stdout).toMatch(/ci +approver of git\* /);

  expect((await token('remove', 'ci')).stdout).toBe('Removed ci: the token is worth nothing from now on.\n');
  expect((await token('remove', 'ci')).stderr).toContain('error NOT_FOUND');
  expect((await token('list')).stdout).toContain('There is no token yet');
});

test('the token is shown once, and for people it says where to send it', async () => {
  const { exitCode, stdout } = await token('add', 'dashboard', '--role', 'viewer');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(
    /^Added dashboard: viewer of every server, until .*\nThe token is shown once and is not stored:\n {2}swt_[\w-]{43}\n\nSend it as "Authorization: Bearer …" to http:\/\/127\.0\.0\.1:8470\/api\/v1\n$/,
  );
  const again = await token('add', 'dashboard', '--role', 'viewer');
  expect([again.exitCode, again.stderr]).toEqual([3, expect.stringContaining('error API_TOKEN_EXISTS')]);
});

describe('refused, and nothing is added:', () => {
  test.each<readonly [string, readonly string[], string]>([
    ['no role', ['add', 'x'], 'required option'],
    ['an unknown role', ['add', 'x', '--role', 'root'], '--role must be one of viewer, approver, admin'],
    ['a pattern that is none', ['add', 'x', '--role', 'viewer', '--servers', 'a/../b'], '--servers must be ids'],
    ['no time', ['add', 'x', '--role', 'viewer', '--expires', 'never'], '--expires must be a number of days'],
    ['a time that is over', ['add', 'x', '--role', 'viewer', '--expires', '0d'], '--expires must be a number of days'],
    ['a name with an escape', ['add', 'x\u001b[2J', '--role', 'viewer'], 'not a name for a token: "x\\u{1b}[2J"'],
  ])('%s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await token(...args);
    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(message);
    expect((await token('list')).stdout).toContain('There is no token yet');
  });

  test('nobody who may decide', async () => {
    const { exitCode, stderr } = await bench.sealwatch('token', 'add', 'x', '--role', 'admin', '--yes');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error APPROVER_TOKEN_MISSING')]);
  });
});
