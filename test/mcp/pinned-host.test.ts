import { randomBytes } from 'node:crypto';
import type { ServerOptions } from 'node:https';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { OAuthSettings } from '../../src/model/oauth.js';
import { DEFAULT_TLS } from '../../src/model/tls.js';
import { type Made, makeCertificate } from '../make-certificate.js';
import { pinOf as pin } from '../pin-of.js';
import { serveMcp } from './serve-mcp.js';
import { createSignInWorld, type SignInWorld } from './sign-in-world.js';
import { SERVICE, startAuthorization } from './start-authorization.js';

// `rogue` is an authority that is trusted as well, and should not be.
const root = makeCertificate({ subject: 'root' });
const issuer = makeCertificate({ subject: 'issuer', issuer: root, isAuthority: true });
const rogue = makeCertificate({ subject: 'rogue' });
const ip = '127.0.0.1';
const leaf = makeCertificate({ subject: 'leaf', ip, issuer });
const forged = makeCertificate({ subject: 'leaf', ip, issuer: rogue });
const elsewhere = makeCertificate({ subject: 'login', dns: 'localhost', issuer: rogue });
const spare = pin(makeCertificate({}));

const PINNED = { ...DEFAULT_TLS, ca: root.cert + rogue.cert, pins: [pin(leaf), spare] };
const HONEST = shows(leaf, issuer);
const FORGED = shows(forged);

function shows(made: Made, ...along: readonly Made[]): ServerOptions {
  return { key: made.key, cert: [made, ...along].map(({ cert }) => cert).join('') };
}

let world: SignInWorld;
let running: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  world = await createSignInWorld();
});
afterEach(async () => {
  await Promise.all(running.map(async (one) => one.close()));
  running = [];
  await world.close();
});

async function start<One extends { close(): Promise<void> }>(starting: Promise<One>): Promise<One> {
  const one = await starting;
  running.push(one);
  return one;
}

describe('an attacker with an old certificate of the pinned issuer, and a bad authority that is trusted', () => {
  const PAST = new Date('2024-01-01');

  test.each([
    ['for a certificate that may sign nothing', { isAuthority: false }],
    ['for one that may sign nothing and has ended', { isAuthority: false, expiresAt: PAST }],
    ['for that of an authority which has ended', { isAuthority: true, expiresAt: PAST }],
  ])('%s, whose key the bad one blesses', async (_, old) => {
    const own = makeCertificate({ subject: 'middle', issuer, ...old });
    const blessed = makeCertificate({ subject: 'middle', issuer: rogue, isAuthority: true, keys: own.keys });
    const made = makeCertificate({ subject: 'leaf', ip, issuer: blessed });
    const tls = { ...PINNED, pins: [pin(issuer), pin(root)] };
    for (const along of [
      [own, issuer, blessed],
      [blessed, own, issuer],
      [own, blessed, issuer, root, rogue],
    ]) {
      const served = await start(serveMcp({ tls: shows(made, ...along) }));
      const said = await world.look(world.server(served.url, { tls, oauth: undefined }));
      expect(said).toMatch(/^TLS_(?:PIN_MISMATCH|CERTIFICATE)/);
      expect(served.requests).toEqual([]);
    }
  });
});

describe('a server that has the pinned key at first, and another one at the next connection', () => {
  /** So that the second handshake could go on from the first, and show no certificate. */
  const ticketKeys = randomBytes(48);

  test.each([
    ['of the same conversation', '/mcp', 'POST /mcp'],
    ['after a redirect', '/mcp', 'POST /mcp'],
    ['beside an event stream of HTTP+SSE', '/sse', 'GET /sse'],
  ])('%s', async (name, path, first) => {
    const moved = name === 'after a redirect' ? { redirect: () => '/moved/mcp' } : {};
    const tls = { ...HONEST, ticketKeys };
    const served = await start(serveMcp({ tls, then: { ...FORGED, ticketKeys }, ...moved }));
    const transport = path === '/sse' ? 'sse' : 'streamable-http';
    const server = world.server(served.url.replace('/mcp', path), { tls: PINNED, transport, oauth: undefined });
    expect(await world.look(server)).toContain('TLS_PIN_MISMATCH');
    expect(served.requests.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([first]);
  });
});

describe('an authorization server', () => {
  function service(at: string): OAuthSettings {
    return { ...SERVICE, issuer: at, scope: 'mcp', grant: 'client_credentials' };
  }

  test('on the pinned host is held to the pins, for metadata and tokens', async () => {
    const authorization = await start(startAuthorization({ tls: { issuer: HONEST, resource: HONEST } }));
    const oauth = service(authorization.issuer);
    expect(await world.look(world.server(authorization.url, { tls: PINNED, oauth }))).toBe('ok');
    expect(authorization.paths).toContain('POST /token');
  });

  test('on the pinned host with another key gets not one request', async () => {
    const authorization = await start(startAuthorization({ tls: { issuer: FORGED, resource: HONEST } }));
    const oauth = service(authorization.issuer);
    expect(await world.look(world.server(authorization.url, { tls: PINNED, oauth }))).toContain('TLS_PIN_MISMATCH');
    expect(authorization.paths).toEqual([]);
  });

  test('on another host has keys of its own', async () => {
    const tls = { issuer: shows(elsewhere), resource: HONEST };
    const authorization = await start(startAuthorization({ tls, issuerHost: 'localhost' }));
    const oauth = service(authorization.issuer);
    expect(await world.look(world.server(authorization.url, { tls: PINNED, oauth }))).toBe('ok');
  });
});
