import type { ServerOptions } from 'node:https';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { codeOf } from '../../src/errors.js';
import { createOAuthFetch } from '../../src/mcp/oauth-fetch.js';
import { readPosture } from '../../src/mcp/posture.js';
import type { AllowedOrigin, Allowlist, Network } from '../../src/model/allowlist.js';
import type { HttpConnection, Server } from '../../src/model/server.js';
import { DEFAULT_TLS } from '../../src/model/tls.js';
import { type Made, makeCertificate } from '../make-certificate.js';
import { pinOf as pin } from '../pin-of.js';
import { type NameServer, startNameServer } from '../start-name-server.js';
import { http, makeServer, observer } from './make-server.js';
import { type Served, serveMcp } from './serve-mcp.js';

const root = makeCertificate({ subject: 'root' });
const leaf = makeCertificate({ subject: 'leaf', dns: '*.mcp.example', issuer: root });

let served: Served;
let names: NameServer;
/** What the name server says from now on; one after the other, the last one for ever. */
let says: (readonly string[])[];

beforeEach(async () => {
  served = await serveMcp({ tls: shows(leaf) });
  says = [['127.0.0.1']];
  names = await startNameServer(() => (says.length > 1 ? says.shift() : says[0]) ?? []);
});
afterEach(async () => {
  await names.close();
  await served.close();
});

function shows(made: Made): ServerOptions {
  return { key: made.key, cert: made.cert };
}

function at(host: string): string {
  return `https://${host}:${new URL(served.url).port}/mcp`;
}

function server(url: string, more: Partial<HttpConnection> = {}, allowlist?: Allowlist): Server {
  const tls = { ...DEFAULT_TLS, ca: root.cert };
  const connection = http(undefined, '', { url, tls, transport: 'streamable-http', ...more });
  return { ...makeServer(connection, { startMs: 30_000 }), allowlist };
}

async function look(tried: Server): Promise<string> {
  return await observer.observe(tried, new AbortController().signal).then(() => 'ok', codeOf);
}

function below(host: string, network: Network): Allowlist {
  const entry: AllowedOrigin = {
    text: `https://*.${host}:*`,
    protocol: 'https:',
    host,
    isWildcard: true,
    port: undefined,
    path: '',
    network,
  };
  return { origins: [entry], packages: [], executables: [], images: [] };
}

describe('a star in an origin, with names that are really looked up', () => {
  test.each([
    ['a.mcp.example', 'ok'],
    ['A.MCP.example', 'ok'],
    ['b.a.mcp.example', 'CONNECT_NOT_ALLOWED'],
    ['mcp.example', 'CONNECT_NOT_ALLOWED'],
    ['amcp.example', 'CONNECT_NOT_ALLOWED'],
    ['a.mcp.example.', 'CONNECT_NOT_ALLOWED'],
    ['a.mcp.example.evil.example', 'CONNECT_NOT_ALLOWED'],
    ['а.mcp.example.xn--evil', 'CONNECT_NOT_ALLOWED'],
  ])('%s: %s', async (host, expected) => {
    expect(await look(server(at(host), {}, below('mcp.example', 'private')))).toBe(expected);
    // What is refused is refused before anybody hears its name.
    expect(names.asked.includes('a.mcp.example')).toBe(expected === 'ok');
    expect(names.asked.length > 0).toBe(expected === 'ok');
    expect(served.sockets() > 0).toBe(expected === 'ok');
  });

  test('is no word about the network', async () => {
    expect(await look(server(at('a.mcp.example'), {}, below('mcp.example', 'public')))).toBe('CONNECT_PRIVATE_ADDRESS');
    expect(served.sockets()).toBe(0);
  });
});

describe('a name server that says something else each time', () => {
  /** Belongs to nobody any more, and was public once: nothing answers there. */
  const PUBLIC = '192.31.196.1';

  test('is asked once for each socket, and what it says then is what is connected to, or refused', async () => {
    says = [['127.0.0.1'], [PUBLIC]];
    expect(await look(server(at('a.mcp.example')))).toBe('CONNECT_PRIVATE_ADDRESS');
    expect(names.asked).toEqual(['a.mcp.example']);
    expect(served.sockets()).toBe(0);
  });

  test.each([
    ['the internal address first', ['10.0.0.1', '8.8.8.8']],
    ['the internal address last', ['8.8.8.8', '127.0.0.1']],
    ['where clouds keep credentials', ['169.254.169.254']],
    ['no address at all', ['0.0.0.0']],
  ])('and among several addresses has one that is not public: %s', async (_, addresses) => {
    says = [addresses];
    expect(await look(server(at('a.mcp.example')))).toBe('CONNECT_PRIVATE_ADDRESS');
    expect(served.sockets()).toBe(0);
  });

  test('leads us to this machine neither for metadata', async () => {
    const tried = server('http://127.0.0.1:1/mcp');
    if (tried.connection.kind !== 'http') throw new Error('it is one');
    const guarded = createOAuthFetch(tried, tried.connection);
    const failed = guarded.fetch(at('login.mcp.example'));
    expect(await failed.then(() => 'ok', codeOf)).toBe('CONNECT_PRIVATE_ADDRESS');
    expect(served.sockets()).toBe(0);
    await guarded.close();
  });

  test('nor for its certificate, which is looked at for its posture', async () => {
    const tried = server(at('a.mcp.example'));
    if (tried.connection.kind !== 'http') throw new Error('it is one');
    const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
    const { lines } = await readPosture(tried, tried.connection, { clock, protocolVersion: undefined });
    expect(lines.find(({ id }) => id === 'tls-version')).toMatchObject({ status: 'could not tell' });
    expect(served.sockets()).toBe(0);
  });
});

test('a pinned host that is written with a dot at the end is the pinned host', async () => {
  const tls = { ...DEFAULT_TLS, ca: root.cert, pins: [pin(root), pin(leaf)] };
  const tried = server('https://a.mcp.example/mcp', { tls, network: 'private' });
  if (tried.connection.kind !== 'http') throw new Error('it is one');
  for (const [pins, expected] of [
    [tls.pins, 'ok'],
    [[pin(makeCertificate({}))], 'TLS_PIN_MISMATCH'],
  ] as const) {
    const connection = { ...tried.connection, tls: { ...tls, pins } };
    const guarded = createOAuthFetch(tried, connection);
    expect(await guarded.fetch(at('a.mcp.example.')).then(() => 'ok', codeOf)).toBe(expected);
    await guarded.close();
  }
});
