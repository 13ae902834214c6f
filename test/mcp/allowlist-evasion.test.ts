import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { codeOf } from '../../src/errors.js';
import type { AllowedOrigin, Allowlist } from '../../src/model/allowlist.js';
import type { HttpConnection, Launch, Server } from '../../src/model/server.js';
import { http, makeServer, observer, SERVERS } from './make-server.js';
import { type Served, serveMcp } from './serve-mcp.js';

/** Whoever may write the list of servers tries to have something else started or asked than what stands on the allowlist. */
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealwatch-evasion-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const NOTHING: Allowlist = { origins: [], packages: [], executables: [], images: [] };
const EVIL = `require('node:fs').writeFileSync(${JSON.stringify('STARTED')}, '');`;

function hasStarted(): boolean {
  return existsSync(join(folder, 'STARTED'));
}

async function outcome(tried: Server): Promise<string> {
  return await observer.observe(tried, new AbortController().signal).then(() => 'ok', codeOf);
}

function started(command: string, args: readonly string[], allowlist: Allowlist, env: Launch['env'] = {}): Server {
  const launch = { command, args, env, cwd: folder };
  return { ...makeServer({ kind: 'stdio', launch }, { startMs: 20_000 }), allowlist };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('a package that is allowed is not what is run', () => {
  const GOOD: Allowlist = {
    ...NOTHING,
    packages: [{ text: 'pkg:npm/good', type: 'npm', name: 'good', version: undefined }],
  };

  beforeEach(() => {
    // Lies in the working folder under another name.
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'evil', version: '1.0.0', bin: 'evil.cjs' }));
    writeFileSync(join(folder, 'evil.cjs'), `#!/usr/bin/env node\n${EVIL}`, { mode: 0o755 });
  });

  test.each([
    ['the folder itself', 'npx', ['-y', 'good@.']],
    ['the folder above one', 'npx', ['-y', 'good@..']],
    ['a file of the folder', 'npx', ['-y', 'good@evil-1.0.0.tgz']],
    ['a program that is there anyway', 'npx', ['-y', '-p', 'good@.', 'sh', '-c', 'touch STARTED']],
    ['two packages', 'npx', ['-y', '-p', 'good@1.0.0', '-p', '.', 'good']],
    ['a line for the shell', 'npx', ['-y', '-c', 'touch STARTED', 'good']],
    ['from another registry', 'npm', ['exec', '-y', 'good@1.0.0', '--registry=http://127.0.0.1:1']],
    ['by another shell', 'npm', ['exec', '-y', 'good@1.0.0', '--script-shell=./evil.cjs']],
  ])('%s', async (_, command, args) => {
    expect(await outcome(started(command, args, GOOD))).toBe('CONNECT_NOT_ALLOWED');
    expect(hasStarted()).toBe(false);
  });

  test('and the same without an allowlist runs it: the attack is a real one', async () => {
    await outcome({ ...started('npx', ['-y', 'good@.'], GOOD), allowlist: undefined });
    expect(hasStarted()).toBe(true);
  });
});

describe('a script that is allowed is not all that is run', () => {
  const SCRIPT = `import ${JSON.stringify(join(SERVERS, 'full-surface.mjs'))};\n`;
  let script: string;
  let allowed: Allowlist;

  beforeEach(() => {
    script = join(folder, 'server.mjs');
    writeFileSync(script, SCRIPT);
    writeFileSync(join(folder, 'evil.cjs'), EVIL);
    writeFileSync(join(folder, 'server.sh'), 'true\n');
    // What the variable names, with the sign that stands behind it in the environment.
    writeFileSync(join(folder, 'evil.sh='), 'touch STARTED\n');
    const shell = { path: join(folder, 'server.sh'), sha256: digest('true\n') };
    allowed = { ...NOTHING, executables: [{ path: script, sha256: digest(SCRIPT) }, shell] };
  });

  test.each<[string, string, readonly string[], Launch['env']]>([
    ['something is required first', process.execPath, ['-r', './evil.cjs', 'server.mjs'], {}],
    ['something is imported first', process.execPath, ['--import', './evil.cjs', 'server.mjs'], {}],
    ['options come from a file', process.execPath, ['--env-file=x', 'server.mjs'], {}],
    ['options come from a variable', process.execPath, ['server.mjs'], { NODE_OPTIONS: '--require ./evil.cjs' }],
    ['in small letters', process.execPath, ['server.mjs'], { node_options: '--require ./evil.cjs' }],
    ['by a variable within the name of one', 'bash', ['server.sh'], { 'BASH_ENV=./evil.sh': '' }],
    ['libraries come from a variable', process.execPath, ['server.mjs'], { LD_PRELOAD: './evil.so' }],
    ['another program starts it', 'timeout', ['60', process.execPath, 'evil.cjs'], {}],
    ['another program reads it as code', 'awk', ['BEGIN{system("touch STARTED")}'], {}],
    ['the standard input', process.execPath, ['-'], {}],
  ])('%s', async (_, command, args, env) => {
    expect(await outcome(started(command, args, allowed, env))).toBe('CONNECT_NOT_ALLOWED');
    expect(hasStarted()).toBe(false);
  });

  test('a link that leads to another file than its name says', async () => {
    const link = join(folder, 'link.mjs');
    symlinkSync(join(folder, 'evil.cjs'), link);
    const list = { ...NOTHING, executables: [{ path: link, sha256: digest(SCRIPT) }] };
    expect(await outcome(started(process.execPath, ['link.mjs'], list))).toBe('CONNECT_NOT_ALLOWED');
    expect(hasStarted()).toBe(false);
  });

  test('a link to the file that is allowed is that file', async () => {
    symlinkSync(script, join(folder, 'link.mjs'));
    expect(await outcome(started(process.execPath, ['link.mjs'], allowed))).toBe('ok');
  });

  test('a program with a line that names its interpreter is held to its content', async () => {
    const program = join(folder, 'server');
    writeFileSync(program, `#!${process.execPath}\n${EVIL}`);
    chmodSync(program, 0o755);
    const list = { ...NOTHING, executables: [{ path: program, sha256: digest(SCRIPT) }] };
    expect(await outcome(started(program, [], list))).toBe('CONNECT_NOT_ALLOWED');
    expect(hasStarted()).toBe(false);
  });

  test('a program of the same name that is found earlier', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    for (const place of [first, second]) mkdirSync(place);
    writeFileSync(join(first, 'some-server'), `#!/bin/sh\ntouch STARTED\n`, { mode: 0o755 });
    writeFileSync(join(second, 'some-server'), '#!/bin/sh\n', { mode: 0o755 });
    const list = { ...NOTHING, executables: [{ path: join(second, 'some-server'), sha256: digest('#!/bin/sh\n') }] };
    const before = process.env['PATH'];
    process.env['PATH'] = [first, second, before].join(delimiter);
    try {
      expect(await outcome(started('some-server', [], list))).toBe('CONNECT_NOT_ALLOWED');
    } finally {
      process.env['PATH'] = before;
    }
    expect(hasStarted()).toBe(false);
  });
});

describe('an address that is allowed is not what is asked', () => {
  let served: Served;

  beforeEach(async () => {
    served = await serveMcp();
  });
  afterEach(async () => {
    await served.close();
  });

  function origin(path: string): Allowlist {
    const { hostname, port } = new URL(served.url);
    const entry: AllowedOrigin = {
      text: '',
      protocol: 'http:',
      host: hostname,
      isWildcard: false,
      port: Number(port),
      path,
      network: 'public',
    };
    return { ...NOTHING, origins: [entry] };
  }

  function remote(url: string, allowlist: Allowlist, more: Partial<HttpConnection> = {}): Server {
    return { ...makeServer(http(undefined, '', { url, transport: 'streamable-http', ...more })), allowlist };
  }

  test.each([
    ['dots', '/mcp/../admin'],
    ['encoded dots', '/mcp/%2e%2e/admin'],
    ['half encoded dots', '/mcp/.%2e/admin'],
    ['a backslash', '/mcp\\..\\admin'],
    ['an encoded backslash', '/mcp/..%5cadmin'],
    ['dots that are encoded twice', '/mcp/%252e%252e/admin'],
    ['dots with a parameter', '/mcp/..;/admin'],
    ['another beginning', '/mcpadmin'],
    ['another case', '/MCP'],
  ])('a path with %s', async (_, path) => {
    const url = `${new URL(served.url).origin}${path}`;
    expect(await outcome(remote(url, origin('/mcp')))).toBe('CONNECT_NOT_ALLOWED');
    expect(served.sockets()).toBe(0);
  });

  test.each([
    ['a host behind a user', (host: string) => `http://allowed.example@${host}/mcp`],
    ['a host behind a backslash', (host: string) => `http://${host}\\@allowed.example/mcp`],
  ])('%s', async (_, urlOf) => {
    const { host } = new URL(served.url);
    const list = { ...NOTHING, origins: [{ ...origin('').origins[0]!, host: 'allowed.example' }] };
    expect(await outcome(remote(urlOf(host), list))).toBe('CONNECT_NOT_ALLOWED');
    expect(served.sockets()).toBe(0);
  });

  test('an endpoint of HTTP+SSE that is not below the allowed path', async () => {
    const url = served.url.replace('/mcp', '/sse');
    expect(await outcome(remote(url, origin('/sse'), { transport: 'sse' }))).toBe('CONNECT_NOT_ALLOWED');
    expect(served.requests.map((line) => line.trim())).toEqual(['GET /sse']);
    expect(await outcome(remote(url, origin(''), { transport: 'sse' }))).toBe('ok');
  });
});

describe('a command that is allowed, beside an address that is not', () => {
  test.each(['https://evil.example/mcp', 'https://[::ffff:127.0.0.1]:{port}/mcp', 'https://10.0.0.1:{port}/mcp'])(
    '%s is not where it was started',
    async (url) => {
      const script = join(folder, 'server.cjs');
      writeFileSync(script, EVIL);
      const list = { ...NOTHING, executables: [{ path: script, sha256: digest(EVIL) }] };
      const launch = { command: process.execPath, args: [script], env: {}, cwd: folder };
      const tried = { ...makeServer(http(launch, '/mcp', { url })), allowlist: list };
      const isHere = url.includes('127.0.0.1');
      expect(await outcome(tried)).toBe(isHere ? 'OBSERVE_EXITED' : 'CONNECT_NOT_ALLOWED');
      expect(hasStarted()).toBe(isHere);
    },
  );
});
