import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PACKAGES } from '../mcp/make-server.js';
import { type Bench, createBench } from './world.js';

const MODULES = join(PACKAGES, '..');

/** What stands at the same place in the two versions: the command stays the same, as with a range of versions. */
const SERVERS = {
  memory: ['memory-before', '@modelcontextprotocol/server-memory'],
  thinking: ['sequential-thinking-before', '@modelcontextprotocol/server-sequential-thinking'],
} as const;

let bench: Bench;
beforeAll(async () => {
  bench = createBench();
  const entries = Object.keys(SERVERS).map((name) => [name, entryOf(name)] as const);
  bench.configure([], { servers: Object.fromEntries(entries) });
  for (const [name, [before]] of Object.entries(SERVERS)) install(name, before);
  expect((await bench.sealwatch('lock')).exitCode).toBe(0);
}, 60_000);
afterAll(() => {
  bench.close();
});

function entryOf(name: string): Readonly<Record<string, unknown>> {
  const script = join(bench.folder, name, 'dist', 'index.js');
  return { command: process.execPath, args: [script], env: { MEMORY_FILE_PATH: join(bench.folder, 'memory.json') } };
}

function install(name: string, version: string): void {
  rmSync(join(bench.folder, name), { force: true });
  symlinkSync(join(MODULES, version), join(bench.folder, name));
}

test('the locked versions are as locked', async () => {
  const { exitCode, stdout } = await bench.sealwatch('check');
  expect([exitCode, stdout]).toEqual([0, 'memory: as locked\nthinking: as locked\n2 of 2 servers as locked.\n']);
}, 60_000);

describe('after an update', () => {
  beforeAll(() => {
    for (const [name, [, after]] of Object.entries(SERVERS)) install(name, after);
  });

  test('the gate says what changed of each server', async () => {
    const { exitCode, stdout } = await bench.sealwatch('check');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('high: resource "memory://knowledge-graph" is new (capability)');
    expect(stdout).toContain('low: tool "read_graph" changed (narrowing)');
    expect(stdout).toContain('thinking: not as locked, ');
    expect(stdout).toContain('0 of 2 servers as locked; 2 differ.');
  }, 60_000);

  test('a workflow of GitHub gets annotations', async () => {
    const { exitCode, stdout } = await bench.sealwatch('check', 'memory', '--github');
    expect(exitCode).toBe(1);
    expect(stdout.split('\n')).toContain(
      '::error file=sealwatch.lock.json,line=4,title=memory is not as locked::high: resource "memory://knowledge-graph" is new (capability): this resource is new',
    );
  }, 60_000);

  test('the summary is Markdown with the diff', async () => {
    expect((await bench.sealwatch('check', 'memory', '--markdown', 'a.md')).exitCode).toBe(1);
    const markdown = read('a.md');
    expect(markdown).toContain('0 of 1 server as locked; 1 differs.');
    expect(markdown).toContain('| memory | ❌ ');
    expect(markdown).toContain('\n```diff\nmemory: not as locked, high\n');
    expect(markdown).toContain('\n+   readOnlyHint: true\n');
  }, 60_000);

  test('JUnit counts a failure, and SARIF has a result at the lock', async () => {
    const { exitCode } = await bench.sealwatch('check', 'memory', '--junit', 'a.xml', '--sarif', 'a.sarif');
    expect([exitCode, read('a.xml').includes('tests="1" failures="1" errors="0"')]).toEqual([1, true]);
    const { runs } = JSON.parse(read('a.sarif')) as { runs: readonly { results: readonly unknown[] }[] };
    expect(runs[0]?.results).toContainEqual(
      expect.objectContaining({
        ruleId: 'lock/capability',
        level: 'error',
        message: {
          text: 'memory/resource/memory%3A%2F%2Fknowledge-graph: resource "memory://knowledge-graph" is new: this resource is new',
        },
      }),
    );
  }, 60_000);
});

function read(name: string): string {
  return readFileSync(join(bench.folder, name), 'utf8');
}
