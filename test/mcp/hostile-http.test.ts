import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as TcpServer, type Socket } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { codeOf } from '../../src/errors.js';
import { http, makeServer, observer } from './make-server.js';

let listener: TcpServer | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  listener?.close();
});

function json(body: unknown, ...headers: readonly string[]): string {
  const text = JSON.stringify(body);
  const lines = ['HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${text.length}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

const INITIALIZED = {
  jsonrpc: '2.0',
  id: 1,
  result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } },
};

function tools(name: string): unknown {
  return { jsonrpc: '2.0', id: 2, result: { tools: [{ name, inputSchema: { type: 'object' } }] } };
}

function redirect(...headers: readonly string[]): string {
  return `HTTP/1.1 308 Moved\r\n${headers.join('\r\n')}\r\ncontent-length: 0\r\n\r\n`;
}

/** Writes something now and then that is no answer yet. */
function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'), 10);
  socket.on('close', () => {
    clearInterval(timer);
  });
}

/** What is tried, what the server writes for a request of this method, and how it ends: `ok` or a code. */
const ROWS: readonly (readonly [string, (method: string, socket: Socket) => string | undefined, string])[] = [
  [
    'an answer to a request that was not sent yet',
    (method) => {
      if (method === 'initialize') return json(INITIALIZED) + json(tools('smuggled'));
      return method === 'tools/list' ? json(tools('honest')) : undefined;
    },
    'ok',
  ],
  [
    'hints without end, and no answer',
    (_, socket) => {
      drip(socket);
      return undefined;
    },
    'OBSERVE_TIMEOUT',
  ],
  ['headers without end', () => `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(100_000)}`, 'OBSERVE_CONNECT_FAILED'],
  ['another protocol', () => 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nabc', 'OBSERVE_CONNECT_FAILED'],
  ['no HTTP', () => '220 mail.example ESMTP\r\n', 'OBSERVE_CONNECT_FAILED'],
  ['redirects in a circle', () => redirect('location: /mcp'), 'OBSERVE_REDIRECT'],
  ['a redirect to another port', () => redirect('location: http://127.0.0.1:1/mcp'), 'OBSERVE_REDIRECT'],
  ['a redirect without a scheme', () => redirect('location: //evil.example/mcp'), 'OBSERVE_REDIRECT'],
  ['a redirect with a backslash', () => redirect('location: \\\\evil.example\\mcp'), 'OBSERVE_REDIRECT'],
  ['a redirect that names a user', () => redirect('location: http://a:b@127.0.0.1/mcp'), 'OBSERVE_REDIRECT'],
  ['a redirect to a file', () => redirect('location: file:///etc/passwd'), 'OBSERVE_REDIRECT'],
  ['two redirects at once', () => redirect('location: /a', 'location: http://evil.example/'), 'OBSERVE_REDIRECT'],
];

test.each(ROWS)('%s', async (_, write, expected) => {
  listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const method = /"method":"([^"]+)"/.exec(chunk.toString('utf8'))?.[1] ?? '';
      const isNotification = method.startsWith('notifications/');
      const text = isNotification ? 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n' : write(method, socket);
      if (text !== undefined) socket.write(text);
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`;
  const tried = makeServer(http(undefined, '', { url, transport: 'streamable-http' }), {
    startMs: 3_000,
    requestMs: 3_000,
  });
  const seen = observer.observe(tried, new AbortController().signal);
  const shown = await seen.then(({ pages }) => pages.map(({ result }) => result).join(''), codeOf);
  if (expected === 'ok') expect(shown).toContain('honest');
  else expect(shown).toBe(expected);
  expect(shown).not.toContain('smuggled');
});
