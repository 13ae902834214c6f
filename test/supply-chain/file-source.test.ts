import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { identifyLaunch } from '../../src/policy/identify-launch.js';
import { createFileSource } from '../../src/supply-chain/file-source.js';
import type { PackageFacts } from '../../src/model/package-facts.js';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sealwatch-files-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** SHA-256 of `server();\n`, of which every script here consists. */
const SCRIPT = '4bb6b8a602a32b569054c9ab56728d7fe8ae559256163e56931102e0b581230b';
/** SHA-256 of `{}\n`, of which every lock file here consists. */
const LOCK = 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356';

const node = realpathSync(process.execPath);
const nodeDigest = createHash('sha256').update(readFileSync(node)).digest('hex');

function write(name: string, text = 'server();\n', mode = 0o644): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), mode);
}

async function inspect(command: string, ...args: readonly string[]): Promise<PackageFacts> {
  return await createFileSource().inspect(identifyLaunch({ command, args, env: {} }), {
    command,
    cwd: folder,
    env: { PATH: `${join(folder, 'bin')}:${dirname(node)}` },
    signal: new AbortController().signal,
  });
}

describe('a script that node runs', () => {
  test('is known by its bytes, those of its interpreter and those of its lock file', async () => {
    write('app/src/server.js');
    write('app/package.json', '{}\n');
    write('app/package-lock.json', '{}\n');
    const facts = await inspect('node', 'app/src/server.js');
    expect(facts).toMatchObject({ purl: undefined, ecosystem: 'file', requested: undefined });
    expect(facts.resolved).toEqual({ kind: 'present', value: `sha256:${SCRIPT}` });
    expect(facts.integrity).toEqual({ kind: 'present', value: `sha256:${SCRIPT}` });
    expect(facts.evidence.executable).toEqual({
      kind: 'present',
      value: {
        path: join(folder, 'app/src/server.js'),
        sha256: SCRIPT,
        interpreter: { path: node, sha256: nodeDigest },
      },
    });
    expect(facts.evidence.lockfile).toEqual({
      kind: 'present',
      value: { path: join(folder, 'app/package-lock.json'), sha256: LOCK },
    });
  });

  test('one changed byte is another digest', async () => {
    write('server.js', 'server();\n ');
    const { integrity } = await inspect('node', 'server.js');
    expect(integrity).toMatchObject({ kind: 'present' });
    expect(integrity).not.toEqual({ kind: 'present', value: `sha256:${SCRIPT}` });
  });

  test('is what a link to it leads to, and the lock file is that of where it lies', async () => {
    write('real/server.js');
    write('real/package.json', '{}\n');
    write('real/yarn.lock', '{}\n');
    write('package-lock.json', 'other');
    symlinkSync('real/server.js', join(folder, 'server.js'));
    const { evidence } = await inspect('node', 'server.js');
    expect(evidence.executable).toMatchObject({ value: { path: join(folder, 'real/server.js'), sha256: SCRIPT } });
    expect(evidence.lockfile).toMatchObject({ value: { path: join(folder, 'real/yarn.lock') } });
  });

  test('nobody publishes it, so what a registry would say is unknown', async () => {
    write('server.js');
    const { evidence } = await inspect('node', 'server.js');
    const told = Object.entries(evidence).filter(([, { kind }]) => kind !== 'unknown');
    expect(told.map(([name]) => name)).toEqual(['source', 'executable', 'lockfile']);
  });
});

describe('the lock file', () => {
  const ROWS: readonly (readonly [string, string, readonly string[], string])[] = [
    ['beside the script', 'a/server.js', ['a/package-lock.json'], 'present'],
    ['above it', 'a/b/c/server.js', ['a/pnpm-lock.yaml'], 'present'],
    ['of another project above', 'a/b/server.js', ['a/package-lock.json', 'a/b/package.json'], 'absent'],
    ['of another language', 'a/server.js', ['a/uv.lock', 'a/package.json'], 'absent'],
    ['two that disagree', 'a/server.js', ['a/yarn.lock', 'a/package-lock.json'], 'contradicts'],
  ];
  test.each(ROWS)('%s', async (_, script, files, expected) => {
    write(script);
    for (const file of files) write(file, '{}\n');
    expect((await inspect('node', script)).evidence.lockfile.kind).toBe(expected);
  });

  test('that is none, but a folder, cannot be read', async () => {
    write('a/server.js');
    mkdirSync(join(folder, 'a/package-lock.json'));
    expect((await inspect('node', 'a/server.js')).evidence.lockfile).toMatchObject({ kind: 'unknown' });
  });

  test('of a Python script is that of Python', async () => {
    symlinkSync('/bin/sleep', binary('python3.12'));
    write('server.py');
    write('uv.lock', '{}\n');
    write('package-lock.json', '{}\n');
    const { evidence } = await inspect('python3.12', 'server.py');
    expect(evidence.lockfile).toMatchObject({
      kind: 'present',
      value: { path: join(folder, 'uv.lock'), sha256: LOCK },
    });
    expect(evidence.executable).toMatchObject({ value: { interpreter: { path: realpathSync('/bin/sleep') } } });
  });
});

function binary(name: string): string {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  return join(folder, 'bin', name);
}

describe('a program', () => {
  test('is found as the operating system finds it', async () => {
    symlinkSync('/bin/sleep', binary('mcp-server'));
    const { evidence } = await inspect('mcp-server', '--stdio');
    expect(evidence.executable).toMatchObject({ kind: 'present', value: { path: realpathSync('/bin/sleep') } });
    expect(evidence.lockfile).toMatchObject({ kind: 'unknown' });
  });

  const SHEBANGS: readonly (readonly [string, string, string])[] = [
    ['env finds', '#!/usr/bin/env node\n', 'present'],
    ['env -S finds', '#!/usr/bin/env -S node\n', 'present'],
    ['the line names by its path', `#!${node}\n`, 'present'],
    ['is given code to load first', '#!/usr/bin/env -S node --import ./evil.js\n', 'unknown'],
    ['is not there', '#!/usr/bin/env perl5.999\n', 'unknown'],
    ['is a runner', '#!/usr/bin/env npx\n', 'unknown'],
    ['is another script', '#!/usr/bin/env node20\n', 'unknown'],
  ];
  test.each(SHEBANGS)('that is a script whose interpreter %s', async (_, line, expected) => {
    write('bin/node20', '#!/bin/sh\nexec node "$@"\n', 0o755);
    write('bin/mcp-server', `${line}server();\n`, 0o755);
    const facts = await inspect('mcp-server');
    expect(facts.evidence.executable.kind).toBe(expected);
    // Whatever runs it: these are its bytes.
    expect(facts.integrity.kind).toBe('present');
  });
});

describe('what cannot be read is unknown as a whole', () => {
  const ROWS: readonly (readonly [string, () => void])[] = [
    ['a script that is not there', () => undefined],
    [
      'a folder',
      () => {
        mkdirSync(join(folder, 'server.js'));
      },
    ],
    [
      'a link to nowhere',
      () => {
        symlinkSync('gone.js', join(folder, 'server.js'));
      },
    ],
    [
      'a link to itself',
      () => {
        symlinkSync('server.js', join(folder, 'server.js'));
      },
    ],
    [
      'a pipe that nobody writes to',
      () => {
        execFileSync('mkfifo', [join(folder, 'server.js')]);
      },
    ],
  ];
  test.each(ROWS)('%s', async (_, prepare) => {
    prepare();
    const facts = await inspect('node', 'server.js');
    const kinds = [facts.resolved, facts.integrity, ...Object.values(facts.evidence)].map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['unknown']));
  });

  test('a program that is nowhere', async () => {
    expect((await inspect('no-such-program')).resolved).toMatchObject({ kind: 'unknown' });
  });

  test('something that is no file', async () => {
    expect((await inspect('npx', '-y', 'server@1.0.0')).resolved).toMatchObject({ kind: 'unknown' });
  });
});
