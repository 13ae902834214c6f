import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { DEFAULT_CALL_LIMITS } from '../../src/model/call-limits.js';
import type { Server } from '../../src/model/server.js';
import { inspect } from '../../src/monitor/inspect.js';
import { http } from '../mcp/make-server.js';
import { respond } from '../mcp/serve-mcp.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, settings, startClient, type TestClient } from './start-client.js';

/** Longer than a stream may stay open behind its answer. */
const TIMEOUT_MS = 4_000;

let world: World;
let upstream: HttpServer;
let client: TestClient;
/** Streams for calls that are open at the server. */
let open: Set<ServerResponse>;
let begin: (response: ServerResponse, id: number) => void;

beforeEach(async () => {
  world = await createWorld();
  open = new Set();
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const message = JSON.parse(text === '' ? '{}' : text) as { id: number; method?: string };
      if (message.method !== 'tools/call') {
        respond(request, response, text);
        return;
      }
      open.add(response);
      response.once('close', () => open.delete(response));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      begin(response, message.id);
    });
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  const gateway = settings({ calls: { ...DEFAULT_CALL_LIMITS, timeoutMs: TIMEOUT_MS } });
  const server: Server = world.server('tried', {
    connection: http(undefined, '', { transport: 'streamable-http', url }),
    gateway,
  });
  await inspect(server, world.deps, SIGNAL);
  await approveAll(world, server);
  client = await startClient(world, server);
});
afterEach(async () => {
  await client.close();
  upstream.close();
  upstream.closeAllConnections();
  await world.close();
});

test('a server that never answers keeps nothing open for calls that are called off', async () => {
  begin = (response) => response.write(': patience\n\n');
  const calls = Array.from({ length: 8 }, async () => await client.ask('tools/call', { name: 'add', arguments: {} }));
  await expect.poll(() => open.size).toBe(8);
  for (const { error } of await Promise.all(calls)) expect(error?.data).toMatchObject({ code: 'CALL_TIMEOUT' });
  await expect.poll(() => open.size).toBe(0);
});

test('a server that goes on behind its answer keeps nothing open', async () => {
  begin = (response, id) => {
    const result = { content: [{ type: 'text', text: 'done' }] };
    response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  };
  expect(JSON.stringify(await client.ask('tools/call', { name: 'add', arguments: {} }))).toContain('done');
  await expect.poll(() => open.size, { timeout: 5_000 }).toBe(0);
});

test('a call goes on whose log message only looks like its answer', async () => {
  begin = (response, id) => {
    const write = (message: object): boolean =>
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    write({
      method: 'notifications/message',
      params: { level: 'info', data: { result: 'none yet', error: 'none yet' } },
    });
    setTimeout(() => {
      write({ id, result: { content: [{ type: 'text', text: 'done' }] } });
      response.end();
    }, 2_000);
  };
  expect(JSON.stringify(await client.ask('tools/call', { name: 'add', arguments: {} }))).toContain('done');
});
