import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { authorizedBy, createGateway, type Gateway } from '../../src/gateway/create-gateway.js';
import type { Server } from '../../src/model/server.js';
import { inspect } from '../../src/monitor/inspect.js';
import { SERVERS, stdio } from '../mcp/make-server.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { replaceFile } from '../replace-file.js';
import { approveAll, gatewayDeps } from './start-client.js';

let world: World;
let http: HttpServer;
let gateway: Gateway;
let client: Client;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await client.close();
  await gateway.close();
  http.close();
  http.closeAllConnections();
  await world.close();
});

/** A server with tools of these names, whose text says whose they are. */
function serverOf(id: string, names: readonly string[]): Server {
  const path = join(world.folder, `${id}.json`);
  const tools = names.map((name) => ({ name, description: `Of ${id}.`, inputSchema: { type: 'object' } }));
  const text = [{ type: 'text', text: `${id} answers` }];
  replaceFile(path, JSON.stringify({ lists: { 'tools/list': [tools] }, results: { 'tools/call': { content: text } } }));
  return { ...world.server(id), connection: stdio(join(SERVERS, 'scripted.mjs'), path) };
}

/** Connects to all servers as one; of those in `held` nothing is approved. */
async function open(servers: readonly Server[], held: readonly string[] = []): Promise<void> {
  for (const server of servers) await inspect(server, world.deps, SIGNAL);
  for (const server of servers) if (!held.includes(server.id)) await approveAll(world, server);
  http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const deps = gatewayDeps(world);
  const reach = { isTrustedProxy: () => false, reachedBy: 'anyone', isSecure: false } as const;
  const authorize = authorizedBy(undefined, url, deps);
  gateway = createGateway({ servers, deps, authorize, hosts: [new URL(url).host], reach });
  http.on('request', gateway.listener);
  client = new Client({ name: 'v1', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
}

/** The names that are listed, each with whose text it has and who answers a call of it. */
async function seen(): Promise<readonly string[]> {
  const { tools } = await client.listTools();
  return await Promise.all(
    tools.map(async ({ name, description }) => {
      const { content } = await client.callTool({ name, arguments: {} });
      return `${name}: ${description ?? ''} ${(content as { text: string }[])[0]?.text ?? ''}`;
    }),
  );
}

/** The tools of a server `mail`, those of another one, and what a client sees of the two as one. */
test.each<[string, readonly string[], string, readonly string[], readonly string[]]>([
  [
    'two tools of one name',
    ['send'],
    'post',
    ['send'],
    ['mail__send: Of mail. mail answers', 'post__send: Of post. post answers'],
  ],
  [
    'a tool that is called as that of another server is shown',
    ['send'],
    'post',
    ['mail__send'],
    ['mail__send: Of mail. mail answers', 'post__mail__send: Of post. post answers'],
  ],
  [
    'a tool whose letters look like those of another one (Cyrillic e)',
    ['send'],
    'post',
    ['s\u0435nd'],
    ['mail__send: Of mail. mail answers', 'post__s\u0435nd: Of post. post answers'],
  ],
  [
    'a server whose name begins like that of another one',
    ['send'],
    'mail-2',
    ['send', '_send'],
    [
      'mail__send: Of mail. mail answers',
      'mail-2__send: Of mail-2. mail-2 answers',
      'mail-2___send: Of mail-2. mail-2 answers',
    ],
  ],
  [
    'names that begin with the border',
    ['_send', '__send'],
    'post',
    ['send'],
    ['mail___send: Of mail. mail answers', 'mail____send: Of mail. mail answers', 'post__send: Of post. post answers'],
  ],
])('%s: both are there, and each is called as itself', async (_, own, other, theirs, expected) => {
  await open([serverOf('mail', own), serverOf(other, theirs)]);
  expect(await seen()).toEqual(expected);
});

test('a held tool does not stand in for an approved one of its name, nor hide it', async () => {
  await open([serverOf('post', ['mail__send', 'send']), serverOf('mail', ['send'])], ['post']);
  expect(await seen()).toEqual(['mail__send: Of mail. mail answers']);
  for (const name of ['post__send', 'post__mail__send'])
    await expect(client.callTool({ name, arguments: {} })).rejects.toThrow('https://pages.example/requests/');
});

test('one server that lists a name twice: nobody can say which of them was approved, and neither passes', async () => {
  await open([serverOf('mail', ['send']), serverOf('post', ['send', 'send', 'read'])]);
  expect(await seen()).toEqual(['mail__send: Of mail. mail answers', 'post__read: Of post. post answers']);
  await expect(client.callTool({ name: 'post__send', arguments: {} })).rejects.toThrow('nobody has approved it');
});
