import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { findIsolation } from '../../src/supply-chain/find-isolation.js';
import { isolateLaunch } from '../../src/supply-chain/isolate-launch.js';
import type { Isolation, IsolationKind } from '../../src/supply-chain/isolation.js';

const LIMITS = {
  maxMemoryBytes: 4 * 1024 ** 3,
  maxCpuSeconds: 20,
  maxFileBytes: 1024 ** 2,
  maxOpenFiles: 128,
  maxProcesses: 128,
};

const uid = process.getuid?.();
/** Where a bubblewrap lies that is not installed. */
const folders = [...(process.env['BWRAP_FOLDER']?.split(':') ?? []), '/usr/bin', '/bin'];

async function find(kind: IsolationKind): Promise<Isolation | undefined> {
  const found = await findIsolation({ kinds: [kind], folders, uid }, AbortSignal.timeout(30_000));
  return found.kind === 'none' ? undefined : found;
}

/** A kind that this machine does not have is skipped, and the report of the run says so. */
const here = (await Promise.all((['bubblewrap', 'other-user', 'user-namespaces'] as const).map(find))).filter(
  (isolation) => isolation !== undefined,
);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-isolated-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'package'));
  writeFileSync(join(folder, 'package', 'server.mjs'), 'console.log("started", process.cwd());');
  writeFileSync(join(folder, 'secret'), 'visible');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function runIn(
  isolation: Isolation,
  command: string,
  args: readonly string[],
  limits = LIMITS,
): Promise<{ readonly stdout: string; readonly failed: boolean }> {
  const program = { command, args, readable: [join(folder, 'package')] };
  const isolated = isolateLaunch(program, { isolation, limits, home: homedir() });
  if (isolated.kind === 'unknown') throw new Error(isolated.why);
  const { launch } = isolated;
  try {
    const env = { ...process.env, SEALWATCH_SECRET: 'visible' };
    const { stdout } = await promisify(execFile)(launch.command, [...launch.args], { cwd: launch.cwd, env });
    return { stdout: stdout.trim(), failed: false };
  } catch (error) {
    return { stdout: String((error as { stdout?: string }).stdout).trim(), failed: true };
  }
}

const node = (code: string): readonly string[] => ['-e', code];

test.skipIf(process.platform !== 'linux' || uid !== 0)('root on Linux has an isolation', () => {
  expect(here.map(({ kind }) => kind)).toContain('other-user');
});

describe.each(here)('a program in $kind', (isolation) => {
  test('starts, from a folder that it is shown, in an empty home', async () => {
    const started = await runIn(isolation, 'node', [join(folder, 'package', 'server.mjs')]);
    expect(started).toEqual({ stdout: 'started /home/trial', failed: false });
    expect(await runIn(isolation, 'sh', ['-c', 'ls -A "$HOME"'])).toEqual({ stdout: '', failed: false });
  });

  test('inherits no variable', async () => {
    const { stdout } = await runIn(isolation, 'node', node('console.log(Object.keys(process.env).sort().join())'));
    expect(stdout.split(',').filter((name) => !['OLDPWD', 'PWD', 'SHLVL', '_'].includes(name))).toEqual([
      'HOME',
      'LANG',
      'PATH',
      'TMPDIR',
    ]);
  });

  test('reaches no network, not even this machine', async () => {
    const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const code = `require('net').connect(${port}, '127.0.0.1').on('connect', () => { console.log('connected'); process.exit(); })
      .on('error', () => console.log('refused'))`;
    expect((await promisify(execFile)(process.execPath, ['-e', code])).stdout.trim()).toBe('connected');
    expect((await runIn(isolation, 'node', node(code))).stdout).toBe('refused');
    server.close();
  });

  test('sees no file of ours that it is not shown', async () => {
    const paths = [join(folder, 'secret'), '/etc/shadow', homedir(), '/run', '/var', '/sys/class'];
    const { stdout } = await runIn(isolation, 'node', [
      ...node('console.log(process.argv.slice(1).filter((path) => require("fs").existsSync(path)).join())'),
      ...paths,
    ]);
    expect(stdout).toBe('');
  });

  test('changes nothing of what it is shown', async () => {
    const file = join(folder, 'package', 'server.mjs');
    expect(await runIn(isolation, 'sh', ['-c', `(: >> "$1") 2>/dev/null && echo written; true`, 'sh', file])).toEqual({
      stdout: '',
      failed: false,
    });
  });

  test('gets no more memory than its limit', async () => {
    const perl = ['-e', 'my $x = "x" x (200 * 1024 * 1024); print "allocated"'];
    const small = { ...LIMITS, maxMemoryBytes: 100 * 1024 ** 2 };
    expect((await runIn(isolation, 'perl', perl)).stdout).toBe('allocated');
    expect(await runIn(isolation, 'perl', perl, small)).toEqual({ stdout: '', failed: true });
  });

  test('writes no file that is larger than its limit', async () => {
    const write = ['-c', 'head -c 3000000 /dev/zero > /tmp/large 2>/dev/null; wc -c < /tmp/large'];
    expect((await runIn(isolation, 'sh', write)).stdout).toBe('1048576');
  });

  test('has no powers to undo what hides the machine', async () => {
    const undo = [
      '-c',
      'umount "$HOME" 2>/dev/null && echo undone; mount -t tmpfs x /tmp 2>/dev/null && echo mounted; true',
    ];
    expect((await runIn(isolation, 'sh', undo)).stdout).toBe('');
  });

  test('passes its arguments on as they are', async () => {
    const args = ['a b', '$HOME', '--', '-c', "it's", 'X=1'];
    const { stdout } = await runIn(isolation, 'node', [
      ...node('console.log(JSON.stringify(process.argv.slice(1)))'),
      '--',
      ...args,
    ]);
    expect(JSON.parse(stdout)).toEqual(args);
  });
});

describe('what may be shown', () => {
  test.each([
    ['the whole machine', '/'],
    ['the home of our user', '/home/me'],
    ['the folder of all homes', '/home'],
    ['a home by a detour', '/home/me/x/..'],
    ['sockets of services', '/run/docker.sock'],
    ['the kernel', '/proc'],
    ['a path that depends on where we are', 'package'],
  ])('%s is not', (_, path) => {
    const request = { isolation: { kind: 'user-namespaces', program: '/usr/bin/unshare' }, limits: LIMITS } as const;
    const program = { command: 'node', args: [], readable: [path] };
    expect(isolateLaunch(program, { ...request, home: '/home/me' }).kind).toBe('unknown');
  });

  test('a folder within a home is', () => {
    const request = { isolation: { kind: 'bubblewrap', program: '/usr/bin/bwrap' }, limits: LIMITS } as const;
    const program = { command: 'node', args: [], readable: ['/home/me/cache/package'] };
    expect(isolateLaunch(program, { ...request, home: '/home/me' }).kind).toBe('isolated');
  });
});

describe('where nothing isolates', () => {
  test('no isolation is found, with the reason for each', async () => {
    expect(await findIsolation({ folders: ['/nowhere'], uid: 1000 }, AbortSignal.timeout(30_000))).toEqual({
      kind: 'none',
      why: 'bubblewrap: there is no bwrap; other-user: only root can start a program as another user; user-namespaces: there is no unshare',
    });
  });

  test.each([
    [
      'runs the program without isolating it',
      'while [ "$1" != env ]; do shift; done; exec "$@"',
      'a program in it sees a network|its home|sees files|powers',
    ],
    ['says nothing and succeeds', 'exit 0', 'a program in it sees variables of ours'],
    ['fails', 'exit 1', 'it does not start'],
  ])('a program under its name that %s is not believed', async (_, body, why) => {
    const pretender = mkdtempSync(join(tmpdir(), 'sealwatch-pretender-'));
    writeFileSync(join(pretender, 'unshare'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    const found = await findIsolation(
      { kinds: ['user-namespaces'], folders: [pretender], uid },
      AbortSignal.timeout(30_000),
    );
    rmSync(pretender, { recursive: true });
    expect(found.kind).toBe('none');
    expect(found).toHaveProperty('why', expect.stringMatching(new RegExp(why)));
  });
});
