import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { DEFAULT_CALL_LIMITS } from '../../src/model/call-limits.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { Connection, Server } from '../../src/model/server.js';
import { parseServerId } from '../../src/model/server-id.js';
import { inspect } from '../../src/monitor/inspect.js';
import { http, node, SERVERS, stdio } from '../mcp/make-server.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, settings, startClient, type TestClient } from './start-client.js';

const HOSTILE = join(SERVERS, 'hostile-calls.mjs');
/** Small, so that what is too much, or too late, is so soon. */
const LIMITS = { ...DEFAULT_LIMITS, maxMessageBytes: 1024 * 1024 };
const CAPABILITIES = { sampling: {}, elicitation: {} };

let world: World;
let clients: TestClient[];
/** What an honest server lists is approved; in the tests it behaves otherwise. */
beforeAll(async () => {
  world = await createWorld();
  const honest = serverAt(overStdio('is honest'));
  await inspect(honest, world.deps, SIGNAL);
  await approveAll(world, honest);
});
beforeEach(() => {
  clients = [];
});
afterEach(async () => {
  for (const client of clients) await client.close();
});
afterAll(async () => {
  await world.close();
});

/** What a server of more than one process, or more than one life, writes down. */
function file(): string {
  return join(world.folder, 'written');
}

function overStdio(behaviour: string): Connection {
  return stdio(HOSTILE, behaviour, 'stdio', file());
}

function overHttp(behaviour: string): Connection {
  return http(node(HOSTILE, behaviour, '{port}'), '/mcp', { transport: 'streamable-http' });
}

function serverAt(connection: Connection, own: Partial<Server> = {}): Server {
  return world.server('tried', { connection, limits: LIMITS, ...own });
}

async function connect(server: Server): Promise<TestClient> {
  const client = await startClient(world, server, CAPABILITIES);
  clients.push(client);
  return client;
}

async function call(client: TestClient): Promise<unknown> {
  const params = { name: 'add', arguments: {}, _meta: { progressToken: 'mine' } };
  const { result, error } = await client.ask('tools/call', params);
  return error?.data?.['code'] ?? error?.code ?? (result?.['content'] as { text: string }[])[0]?.text;
}

function methodsOf({ received }: TestClient): readonly string[] {
  return received.flatMap((text) => (JSON.parse(text) as { method?: string }).method ?? []);
}

/** What a server does, what a call comes to, and the call after it; its words are EVIL. */
type Row = readonly [behaviour: string, first: unknown, second: unknown];

const OVER_EITHER: readonly Row[] = [
  ['is honest', 'called add', 'called add'],
  ['turns while it is called', 'called add', 'NOT_APPROVED'],
  ['answers before it is asked', 'called add', 'called add'],
  ['answers twice', 'called add', 'called add'],
  ['answers in a batch', 'called add', 'called add'],
  ['answers under an id that is a string', 'OBSERVE_NOT_JSON_RPC', 'OBSERVE_NOT_JSON_RPC'],
  ['tells of progress that nobody waits for', 'called add', 'called add'],
  ['calls off what it was asked', 'called add', 'called add'],
];

const WHATEVER_IT_CAME_OVER: readonly Row[] = [
  ['turns while it is called, and returns what was approved no more', 'OUTPUT_INVALID', 'NOT_APPROVED'],
  ['poisons its second page every other time', 'OBSERVE_CHANGED_WHILE_LISTING', 'OBSERVE_CHANGED_WHILE_LISTING'],
  ['answers with a result and an error', 'OBSERVE_NOT_JSON_RPC', 'OBSERVE_NOT_JSON_RPC'],
  ['answers with an error of ours', -32603, -32603],
  ['repeats a member of the result', 'OUTPUT_INVALID', 'OUTPUT_INVALID'],
  ['repeats a member deep in the result', 'OUTPUT_INVALID', 'OUTPUT_INVALID'],
  ['repeats a member under another spelling', 'OUTPUT_INVALID', 'OUTPUT_INVALID'],
  ['nests its result 100,000 deep', 'OUTPUT_INVALID', 'OUTPUT_INVALID'],
];

const TOO_LATE = ['drips for ever', 'does not stop when it is called off'];

describe.each([
  { over: 'stdio', connectionOf: overStdio, rows: [...OVER_EITHER, ...WHATEVER_IT_CAME_OVER] },
  { over: 'HTTP', connectionOf: overHttp, rows: OVER_EITHER },
])('over $over', ({ over, connectionOf, rows }) => {
  test.each(rows)('a server that %s: %s, then %s', async (behaviour, first, second) => {
    const client = await connect(serverAt(connectionOf(behaviour)));
    expect(await call(client)).toBe(first);
    expect(await call(client)).toBe(second);
    expect(client.received.join()).not.toContain('EVIL');
  });

  test.each([
    ['repeats the result', 'JSON_REPEATED_MEMBER'],
    ['repeats the id', 'JSON_REPEATED_MEMBER'],
    ['answers 100 MB', 'OBSERVE_MESSAGE_TOO_LARGE'],
  ])('a server that %s: %s, and nothing of it passes', async (behaviour, code) => {
    const client = await connect(serverAt(connectionOf(behaviour)));
    expect(await call(client)).toBe(code);
    // In a pipe nobody can tell where the next message begins; over HTTP each answer is by itself.
    await expect.poll(() => client.ended, { timeout: 10_000 }).toEqual(over === 'stdio' ? [code] : []);
    expect(client.received.join()).not.toContain('EVIL');
  });

  test.each(TOO_LATE)(
    'a server that %s: the call is called off, and what comes too late is dropped',
    async (behaviour) => {
      const calls = { ...DEFAULT_CALL_LIMITS, timeoutMs: 300 };
      const client = await connect(serverAt(connectionOf(behaviour), { gateway: settings({ calls }) }));
      expect(await call(client)).toBe('CALL_TIMEOUT');
      expect(client.received.join()).not.toContain('EVIL');
    },
  );

  test('a server that drips its list: it cannot be told what it lists', async () => {
    const limits = { ...LIMITS, requestMs: 500 };
    const client = await connect(serverAt(connectionOf('drips its list'), { limits }));
    expect(await call(client)).toBe('OBSERVE_TIMEOUT');
  });
});

test('a compressed answer of 100 MB is not unpacked', async () => {
  const client = await connect(serverAt(overHttp('answers 100 MB that are compressed')));
  expect(await call(client)).toBe('OBSERVE_MESSAGE_TOO_LARGE');
});

test('a server that drips one answer over HTTP holds up no other', async () => {
  const client = await connect(serverAt(overHttp('drips its first answer')));
  void client.ask('tools/call', { name: 'add', arguments: {} }).catch(() => undefined);
  expect(await call(client)).toBe('called add');
});

// MCP 2025-11-25, Transports, Sending Messages to the Server: the answer comes in the response to the request, or on the stream that it begins.
test.each([
  ['accepts a call and answers nothing', 'OBSERVE_NOT_JSON_RPC'],
  ['answers something else in JSON', 'OBSERVE_NOT_JSON_RPC'],
  ['answers something else in an event', 'OBSERVE_CLOSED'],
])('a server over HTTP that %s is not waited for: %s', async (behaviour, code) => {
  const client = await connect(serverAt(overHttp(behaviour)));
  expect(await call(client)).toBe(code);
  expect(client.received.join()).not.toContain('EVIL');
});

test('progress without end reaches whoever waits for it, and ends with the answer', async () => {
  const client = await connect(serverAt(overStdio('floods with progress')));
  expect(await call(client)).toBe('called add');
  expect(new Set(methodsOf(client))).toEqual(new Set(['notifications/progress']));
});

describe('another face', () => {
  test('for every second connection: the first goes on, the second is shown nothing', async () => {
    writeFileSync(file(), '');
    const server = serverAt(overStdio('shows every second process another face'));
    const [first, second] = [await connect(server), await connect(server)];
    expect([await first.names(), await second.names()]).toEqual([['add'], []]);
    expect([await call(first), await call(second)]).toEqual(['called add', 'NOT_APPROVED']);
    const [request] = await world.deps.store.listRequests({ states: ['open'] });
    expect(request?.urgency).toBe('critical');
  });

  test('for everybody but the monitor: it is noticed where it is shown', async () => {
    const server = serverAt(overStdio('shows another face to whoever is not called sealwatch'));
    await inspect(server, world.deps, SIGNAL);
    expect(await world.deps.store.listRequests({ states: ['open'] })).toEqual([]);
    const client = await connect(server);
    expect([await client.names(), await call(client)]).toEqual([[], 'NOT_APPROVED']);
    expect(await world.deps.store.listRequests({ states: ['open'] })).toHaveLength(1);
  });
});

test('a storm of announcements is not answered with a storm of listings, and passes', async () => {
  writeFileSync(file(), '');
  const client = await connect(serverAt(overStdio('announces 3,000 changes in three seconds')));
  expect(await call(client)).toBe('called add');
  await expect.poll(() => readFileSync(file(), 'utf8'), { timeout: 30_000 }).not.toBe('');
  // Two a second are followed, each with up to sixteen attempts to find a moment of peace.
  expect(Number(readFileSync(file(), 'utf8'))).toBeLessThan(150);
  await expect.poll(async () => await call(client), { timeout: 30_000 }).toBe('called add');
});

describe('a server of which nobody approved anything', () => {
  const unknown = { id: parseServerId('unknown') };

  test('is not heard', async () => {
    const client = await connect(serverAt(overStdio('speaks at once'), unknown));
    expect(await client.names()).toEqual([]);
    expect(await call(client)).toBe('NOT_APPROVED');
    expect(methodsOf(client)).toEqual([]);
    expect(client.received.join()).not.toContain('EVIL');
  });

  test('refuses without words of its own', async () => {
    const client = await connect(serverAt(overStdio('refuses a level in words'), unknown));
    const { error } = await client.ask('logging/setLevel', { level: 'info' });
    expect(error).toEqual({ code: -32603, message: 'the server refused this', data: { code: 'OBSERVE_SERVER_ERROR' } });
  });
});

test('a server that is approved is heard while it is called', async () => {
  const client = await connect(serverAt(overStdio('speaks while it is called')));
  expect(await call(client)).toBe('called add');
  await client.until(({ method }) => method === 'elicitation/create');
  expect(methodsOf(client)).toEqual(['notifications/message', 'sampling/createMessage', 'elicitation/create']);
});
