import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Bench, createBench } from '../cli/world.js';

const ROOT = join(import.meta.dirname, '..', '..');
const EVERYTHING = join(ROOT, 'node_modules', '@modelcontextprotocol', 'server-everything', 'dist', 'index.js');
const MODERN = join(ROOT, 'test', 'servers', 'modern-server.mjs');

let bench: Bench;
let token: string;

beforeEach(async () => {
  bench = createBench();
  bench.configure([], {
    servers: {
      everything: { command: process.execPath, args: [EVERYTHING] },
      modern: { command: process.execPath, args: [MODERN, 'stdio', '--steady'] },
    },
  });
  await bench.sealwatch('init');
  const { stdout } = await bench.sealwatch('approver', 'add', 'alice');
  token = /sealwatch_\S+/.exec(stdout)?.[0] ?? '';
});
afterEach(() => {
  bench.close();
});

async function approve(): Promise<void> {
  const { exitCode } = await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', '--all');
  expect(exitCode).toBe(0);
}

function shim(server: string): { readonly command: string; readonly args: string[]; readonly cwd: string } {
  return { command: process.execPath, args: [join(ROOT, 'dist', 'main.js'), 'run', server], cwd: bench.folder };
}

const CLIENTS = {
  'the v1 SDK': async (server: string) => {
    const client = new Client({ name: 'v1', version: '1' });
    await client.connect(new StdioClientTransport({ ...shim(server), stderr: 'ignore' }));
    return client;
  },
  'the v2 SDK': async (server: string) => {
    const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new ModernTransport({ ...shim(server), stderr: 'ignore' }));
    return client;
  },
};

describe.each(Object.entries(CLIENTS))('%s talks through `sealwatch run`', (_, connect) => {
  test.each([
    ['everything', 'echo', { message: 'hello' }, 'hello'],
    ['modern', 'add', { a: 2, b: 3 }, '5'],
  ])('to %s: nothing before an approval, everything after it', async (server, name, args, expected) => {
    await bench.sealwatch('scan');
    const before = await connect(server);
    expect((await before.listTools()).tools).toEqual([]);
    await expect(before.callTool({ name, arguments: args })).rejects.toThrow('nobody has approved it');
    await approve();
    await expect.poll(async () => (await before.listTools()).tools.length, { timeout: 5_000 }).toBeGreaterThan(0);
    const { content } = await before.callTool({ name, arguments: args });
    expect(JSON.stringify(content)).toContain(expected);
    await before.close();
  });
});

test('a configuration that is not there, or a server that is not in it, is said on standard error alone', async () => {
  expect((await bench.sealwatch('run', 'nobody')).exitCode).toBe(3);
  writeFileSync(join(bench.folder, 'sealwatch.yaml'), 'servers: [');
  const { exitCode, stdout } = await bench.sealwatch('run', 'everything');
  expect([exitCode, stdout]).toEqual([3, '']);
});
