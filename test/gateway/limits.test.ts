import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type CallLimits, DEFAULT_CALL_LIMITS } from '../../src/model/call-limits.js';
import type { Server } from '../../src/model/server.js';
import { inspect } from '../../src/monitor/inspect.js';
import { openStore } from '../../src/store/open-store.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, type Script, scripted, settings, startClient, type TestClient } from './start-client.js';

let world: World;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await world.close();
});

const tool = (name: string): object => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } });
const LISTS = { 'tools/list': [['add', 'sub'].map(tool)] };

async function approved(calls: Partial<CallLimits>, script: Script = {}): Promise<Server> {
  const gateway = settings({ calls: { ...DEFAULT_CALL_LIMITS, ...calls } });
  const server = scripted(world, { announces: false, lists: LISTS, ...script }, { gateway });
  await inspect(server, world.deps, SIGNAL);
  await approveAll(world, server);
  return server;
}

async function connect(server: Server, over: World = world): Promise<TestClient> {
  const client = await startClient(over, server);
  closing.push(async () => client.close());
  return client;
}

async function call(client: TestClient, name: string, args: object = {}): Promise<unknown> {
  const { error } = await client.ask('tools/call', { name, arguments: args });
  return error?.data?.['limit'] ?? error?.data?.['code'] ?? 'passed';
}

const RATE = DEFAULT_CALL_LIMITS.subject;

test('calls on one day are counted in the store: another process, and one that starts anew, go on counting', async () => {
  const server = await approved({ tool: { ...RATE, perDay: 3 } });
  const first = await connect(server);
  expect([await call(first, 'add'), await call(first, 'add')]).toEqual(['passed', 'passed']);
  const store = await openStore(join(world.folder, 'state'), world.deps);
  closing.push(async () => store.close());
  const second = await connect(server, { ...world, deps: { ...world.deps, store } });
  expect([await call(second, 'add'), await call(second, 'add'), await call(first, 'add')]).toEqual([
    'passed',
    'tool',
    'tool',
  ]);
  expect(await call(second, 'sub')).toBe('passed');
});

test('a new day begins at midnight of UTC, which is when to try again', async () => {
  const server = await approved({ subject: { ...RATE, perDay: 1 } });
  const client = await connect(server);
  expect([await call(client, 'add'), await call(client, 'sub')]).toEqual(['passed', 'subject']);
  const { error } = await client.ask('tools/call', { name: 'add', arguments: {} });
  const left = 86_400_000 - (world.deps.clock.now().getTime() % 86_400_000);
  expect(Math.abs(Number(error?.data?.['retryAfterSeconds']) - left / 1_000)).toBeLessThan(60);
  world.pass(left);
  expect([await call(client, 'add'), await call(client, 'add')]).toEqual(['passed', 'subject']);
});

test('what is refused is not counted among what passes', async () => {
  const server = await approved({ server: { ...RATE, perDay: 1 } });
  const client = await connect(server);
  expect(await call(client, 'unknown')).toBe('NOT_APPROVED');
  expect([await call(client, 'add'), await call(client, 'add')]).toEqual(['passed', 'server']);
});

test('what cannot be counted is not called', async () => {
  const client = await connect(await approved({ server: { ...RATE, perDay: 1 } }));
  world.deps.store.countCall = async () => Promise.reject(new Error('gone'));
  expect(await call(client, 'add')).toBe('INTERNAL');
});

test('a call that is too large is not made', async () => {
  const client = await connect(await approved({ maxRequestBytes: 1_024 }));
  expect(await call(client, 'add', { text: 'x'.repeat(1_024) })).toBe('REQUEST_TOO_LARGE');
  expect(await call(client, 'add', { text: 'é'.repeat(600) })).toBe('REQUEST_TOO_LARGE');
  expect(await call(client, 'add', { text: 'x'.repeat(600) })).toBe('passed');
});

test('a result that is too large is kept back, and the connection goes on', async () => {
  const results = { 'tools/call': { content: [{ type: 'text', text: 'x'.repeat(2_000) }] } };
  const client = await connect(await approved({ maxResultBytes: 1_024 }, { results }));
  expect(await call(client, 'add')).toBe('RESULT_TOO_LARGE');
  expect(await client.names()).toEqual(['add', 'sub']);
});
