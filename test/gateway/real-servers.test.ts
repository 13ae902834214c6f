import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { PACKAGES, SERVERS } from '../mcp/make-server.js';
import {
  type AnyClient,
  callWithProgress,
  CLIENTS,
  createPrograms,
  onToolsChanged,
  type Programs,
} from './start-programs.js';

let programs: Programs;
let url: string;
let clients: AnyClient[];

/** Otherwise it remembers beside its own code. */
let remembered: string;

/** The servers as they come from the registry, approved as they are, and one of revision 2026-07-28. */
beforeAll(async () => {
  remembered = mkdtempSync(join(tmpdir(), 'sealwatch-memory-'));
  const started = (name: string, ...args: readonly string[]): object => ({
    command: process.execPath,
    args: [join(PACKAGES, `server-${name}`, 'dist', 'index.js'), ...args],
  });
  programs = await createPrograms({
    servers: {
      everything: started('everything'),
      filesystem: started('filesystem', 'files'),
      memory: { ...started('memory'), env: { MEMORY_FILE_PATH: join(remembered, 'memory.json') } },
      thinking: started('sequential-thinking'),
      modern: { command: process.execPath, args: [join(SERVERS, 'modern-server.mjs'), 'stdio', '--steady'] },
    },
  });
  mkdirSync(join(programs.folder, 'files'));
  writeFileSync(join(programs.folder, 'files', 'note.txt'), 'It rains.');
  await programs.approveAll();
  ({ url } = await programs.gateway());
});
beforeEach(() => {
  clients = [];
});
afterEach(async () => {
  for (const client of clients) await client.close();
});
afterAll(() => {
  programs.close();
  rmSync(remembered, { recursive: true });
});

const WAYS: readonly (readonly [string, (server: string) => Promise<AnyClient>])[] = [
  ['the v1 SDK through the service', (server) => CLIENTS.v1.overHttp(`${url}/servers/${server}/mcp`)],
  ['the v2 SDK through the service', (server) => CLIENTS.v2.overHttp(`${url}/servers/${server}/mcp`)],
  ['the v1 SDK through a shim', (server) => CLIENTS.v1.throughShim(programs.folder, server)],
  ['the v2 SDK through a shim', (server) => CLIENTS.v2.throughShim(programs.folder, server)],
];

let people = 0;

/** A call for each server, and what is in its result. */
const CALLS: readonly (readonly [server: string, tool: string, args: () => Record<string, unknown>, result: string])[] =
  [
    ['everything', 'echo', () => ({ message: 'hello' }), 'Echo: hello'],
    ['filesystem', 'read_text_file', () => ({ path: join(programs.folder, 'files', 'note.txt') }), 'It rains.'],
    [
      'memory',
      'create_entities',
      () => ({ entities: [{ name: `Ada ${++people}`, entityType: 'person', observations: ['writes'] }] }),
      'Ada',
    ],
    [
      'thinking',
      'sequentialthinking',
      () => ({ thought: 'first', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }),
      'thoughtNumber',
    ],
    ['modern', 'add', () => ({ a: 2, b: 3 }), '5'],
  ];

async function connect(open: Promise<AnyClient>): Promise<AnyClient> {
  const client = await open;
  clients.push(client);
  return client;
}

async function called(client: AnyClient, name: string, args: Record<string, unknown>): Promise<string> {
  return JSON.stringify((await client.callTool({ name, arguments: args })).content);
}

describe.each(WAYS)('%s', (_, to) => {
  test('lists, calls, reads, fills in and completes as without anything between', async () => {
    const client = await connect(to('everything'));
    const [tools, prompts, resources, templates] = [
      await client.listTools(),
      await client.listPrompts(),
      await client.listResources(),
      await client.listResourceTemplates(),
    ];
    expect(
      [tools.tools, prompts.prompts, resources.resources, templates.resourceTemplates].map((all) => all.length),
    ).toEqual([13, 4, 7, 2]);
    expect(client.getServerVersion()?.name).toBe('mcp-servers/everything');
    expect(client.getInstructions()).toContain('Everything');
    expect(await called(client, 'get-sum', { a: 2, b: 3 })).toContain('5');
    const image = await client.callTool({ name: 'get-tiny-image', arguments: {} });
    expect(JSON.stringify(image.content)).toContain('image/png');
    const { structuredContent } = await client.callTool({
      name: 'get-structured-content',
      arguments: { location: 'Chicago' },
    });
    expect(structuredContent).toMatchObject({ temperature: expect.any(Number) as number });
    const { messages } = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Paris' } });
    expect(JSON.stringify(messages)).toContain('Paris');
    const [first] = resources.resources;
    expect((await client.readResource({ uri: first?.uri ?? '' })).contents).toHaveLength(1);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'department', value: 'E' },
    });
    expect(completion.values).toContain('Engineering');
  });

  test('hears of progress, and calls off', async () => {
    const client = await connect(to('everything'));
    const long = (duration: number): Parameters<typeof callWithProgress>[1] => ({
      name: 'trigger-long-running-operation',
      arguments: { duration, steps: 4 },
    });
    expect(await callWithProgress(client, long(0.4))).toEqual([1, 2, 3, 4]);
    const abort = new AbortController();
    const calling = callWithProgress(client, long(60), abort.signal);
    abort.abort();
    await expect(calling).rejects.toThrow();
    expect(await called(client, 'echo', { message: 'still there' })).toContain('still there');
  });
});

describe.each(WAYS.slice(1, 3))('%s', (_, to) => {
  test.each(CALLS.slice(1))('calls %s', async (server, tool, args, result) => {
    const client = await connect(to(server));
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain(tool);
    expect(await called(client, tool, args())).toContain(result);
  });
});

test.each<[string, () => Promise<AnyClient>]>([
  ['the v1 SDK', () => CLIENTS.v1.overHttp(`${url}/mcp`)],
  ['the v2 SDK', () => CLIENTS.v2.overHttp(`${url}/mcp`)],
  ['the v1 SDK that starts it itself', () => CLIENTS.v1.toAllOverStdio(programs.folder)],
  ['the v2 SDK that starts it itself', () => CLIENTS.v2.toAllOverStdio(programs.folder)],
])('all of them are one server for a client of %s', async (_, to) => {
  const client = await connect(to());
  // What a server that starts slowly has follows when it answers.
  const names = await vi.waitFor(
    async () => {
      const { tools } = await client.listTools();
      expect(tools).toHaveLength(13 + 14 + 9 + 1 + 1);
      return tools.map(({ name }) => name);
    },
    { timeout: 120_000, interval: 500 },
  );
  for (const [server, tool, args, result] of CALLS) {
    expect(names).toContain(`${server}__${tool}`);
    expect(await called(client, `${server}__${tool}`, args())).toContain(result);
  }
});

test('what is revoked is gone from sessions that are open, and back once it is approved, and all of them are told', async () => {
  const open = await Promise.all(WAYS.map(async ([, to]) => await connect(to('everything'))));
  const told = open.map(() => 0);
  const outcomes = async (): Promise<readonly unknown[]> =>
    await Promise.all(
      open.map(async (client) => {
        const { tools } = await client.listTools();
        const isListed = tools.some(({ name }) => name === 'echo');
        const isCalled = await called(client, 'echo', { message: 'x' }).then(
          () => true,
          () => false,
        );
        return [isListed, isCalled];
      }),
    );
  expect(await outcomes()).toEqual(Array(4).fill([true, true]));
  for (const [index, client] of open.entries()) await onToolsChanged(client, () => void (told[index] = 1));
  expect((await programs.asAlice('revoke', 'everything/tool/echo', '--reason', 'x')).exitCode).toBe(0);
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([1, 1, 1, 1]);
  expect(await outcomes()).toEqual(Array(4).fill([false, false]));
  told.fill(0);
  const number = /sealwatch diff (\d+)/.exec((await programs.sealwatch('scan')).stdout)?.[1] ?? '';
  expect((await programs.asAlice('approve', number)).exitCode).toBe(0);
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([1, 1, 1, 1]);
  expect(await outcomes()).toEqual(Array(4).fill([true, true]));
});
