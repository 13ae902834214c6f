import type { ServerOptions } from 'node:https';

import { afterEach, describe, expect, test } from 'vitest';

import { readPosture } from '../../src/mcp/posture.js';
import type { OAuthSettings } from '../../src/model/oauth.js';
import { DEFAULT_POSTURE, POSTURE_PROBES, type PostureProbe } from '../../src/model/posture.js';
import type { HttpConnection } from '../../src/model/server.js';
import { DEFAULT_TLS, type TlsRules } from '../../src/model/tls.js';
import { createObserver } from '../../src/mcp/observer.js';
import type { Vault } from '../../src/ports.js';
import { makeCertificate } from '../make-certificate.js';
import { http, makeServer } from './make-server.js';
import { serveMcp } from './serve-mcp.js';
import { type Authorization, SERVICE, startAuthorization } from './start-authorization.js';

let authorization: Authorization | undefined;
afterEach(async () => {
  await authorization?.close();
});

const CLOCK = { now: () => new Date(), monotonicMs: () => performance.now() };

/** In memory; what `createVault` seals is tested where the store is. */
function keep(): Vault {
  const kept = new Map<string, string>();
  return {
    load: (name) => Promise.resolve(kept.get(name)),
    save: (name, text) => {
      if (text === undefined) kept.delete(name);
      else kept.set(name, text);
      return Promise.resolve();
    },
    alone: (_, action) => action(),
  };
}

type Flaws = Parameters<typeof startAuthorization>[0];

/** Signs in as a service, looks at the server, and returns what was found of its posture. */
async function look(flaws: Flaws, probes: readonly PostureProbe[], more: Partial<HttpConnection> = {}) {
  authorization = await startAuthorization(flaws);
  const { issuer, url } = authorization;
  const oauth: OAuthSettings = { ...SERVICE, issuer, scope: 'mcp', grant: 'client_credentials' };
  const posture = { ...DEFAULT_POSTURE, probes };
  const connection = http(undefined, '', { url, oauth, posture, ...more });
  const server = makeServer(connection);
  const vault = keep();
  const observer = createObserver({ clock: CLOCK, clientVersion: '0.0.0', vault });
  const protocolVersion =
    more.oauth === undefined && 'oauth' in more
      ? undefined
      : (await observer.observe(server, AbortSignal.timeout(10_000))).protocolVersion;
  const { lines, fault } = await readPosture(server, connection, { clock: CLOCK, vault, protocolVersion });
  return { lines: new Map(lines.map((line) => [line.id, line])), fault };
}

const NO_OAUTH = { oauth: undefined };

const ROWS: readonly [string, Flaws, readonly PostureProbe[], Partial<HttpConnection>, Record<string, string>][] = [
  [
    'nothing is tried that was not asked for',
    {},
    [],
    {},
    {
      'origin-checked': 'could not tell',
      'host-checked': 'could not tell',
      'token-checked': 'could not tell',
      'registration-works': 'could not tell',
      'redirects-restricted': 'could not tell',
      'resource-indicator': 'could not tell',
      'protocol-revision': 'met',
    },
  ],
  [
    'a server that does as it should',
    { checksOrigin: true },
    POSTURE_PROBES,
    {},
    {
      'origin-checked': 'met',
      'host-checked': 'met',
      'token-checked': 'met',
      'registration-works': 'met',
      'registration-ends': 'met',
      'redirects-restricted': 'met',
      'resource-indicator': 'met',
      'token-lifetime': 'met',
    },
  ],
  [
    'foreign pages and foreign hosts are let in',
    {},
    ['foreign-origin'],
    {},
    { 'origin-checked': 'not met', 'host-checked': 'not met', 'token-checked': 'could not tell' },
  ],
  [
    'without credentials nobody can tell what else a request is refused for',
    {},
    ['foreign-origin'],
    NO_OAUTH,
    { 'origin-checked': 'could not tell', 'host-checked': 'could not tell' },
  ],
  [
    'any token at all is taken, also one for another server',
    { takesAny: true },
    ['forged-token', 'foreign-token'],
    {},
    { 'token-checked': 'not met', 'resource-indicator': 'not met' },
  ],
  [
    'registration is announced and not there',
    { metadata: { registration_endpoint: 'ISSUER/nowhere' } },
    ['registration', 'foreign-redirect'],
    {},
    { 'registration-works': 'not met', 'redirects-restricted': 'met' },
  ],
  [
    'codes go to whoever asks for them',
    { metadata: { authorization_endpoint: 'RESOURCE/open' } },
    ['foreign-redirect'],
    {},
    { 'redirects-restricted': 'not met' },
  ],
  ['tokens that live for a day', { ttl: 86_400 }, [], {}, { 'token-lifetime': 'not met' }],
  [
    'a protocol that is too old',
    {},
    [],
    { posture: { ...DEFAULT_POSTURE, minimumProtocol: '2099-01-01' } },
    { 'protocol-revision': 'not met' },
  ],
];

test.each(ROWS)('%s', async (_, flaws, probes, more, expected) => {
  const { lines, fault } = await look(flaws, probes, more);
  expect(Object.fromEntries(Object.keys(expected).map((id) => [id, lines.get(id)?.status]))).toEqual(expected);
  expect(fault).toBeUndefined();
});

test('what a probe registered is ended again, and what cannot be is named', async () => {
  const { lines } = await look({}, ['registration']);
  expect(lines.get('registration-ends')?.evidence).toBe('tried by registration: HTTP 204');
  await authorization?.close();
  const { lines: others } = await look({ hasNoManagement: true }, ['registration']);
  expect(others.get('registration-ends')).toMatchObject({ status: 'not met' });
  expect(others.get('registration-ends')?.evidence).toMatch(/stays registered there/);
});

describe('over TLS', () => {
  const root = makeCertificate({ subject: 'root' });
  const leaf = makeCertificate({ subject: 'leaf', ip: '127.0.0.1', issuer: root });
  const soon = new Date(Date.now() + 5 * 24 * 60 * 60_000);
  const ending = makeCertificate({ subject: 'leaf', ip: '127.0.0.1', issuer: root, expiresAt: soon });
  const TRUSTED = { ...DEFAULT_TLS, ca: root.cert };
  const OLD = { ...leaf, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;

  test.each<[string, ServerOptions, Partial<TlsRules>, Record<string, string>]>([
    [
      'all is as it should be',
      leaf,
      {},
      { https: 'met', 'tls-version': 'met', certificate: 'met', 'certificate-life': 'met' },
    ],
    ['a server of TLS 1.2', { ...leaf, maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }, { 'tls-version': 'met' }],
    ['a server of TLS 1.1', OLD, {}, { https: 'met', 'tls-version': 'not met', unauthenticated: 'could not tell' }],
    ['an authority that nobody knows', leaf, { ca: undefined }, { certificate: 'not met', 'tls-version': 'met' }],
    ['a certificate that ends soon', ending, {}, { certificate: 'met', 'certificate-life': 'not met' }],
  ])('%s', async (_, tls, rules, expected) => {
    const served = await serveMcp({ tls });
    const connection = http(undefined, '', { url: served.url, tls: { ...TRUSTED, ...rules } });
    const { lines } = await readPosture(makeServer(connection), connection, {
      clock: CLOCK,
      protocolVersion: undefined,
    });
    const found = new Map(lines.map(({ id, status }) => [id, status]));
    expect(Object.fromEntries(Object.keys(expected).map((id) => [id, found.get(id)]))).toEqual(expected);
    await served.close();
  });

  test('a foreign host is asked for with the certificate of the server', async () => {
    const tls = { issuer: leaf, resource: leaf };
    const { lines } = await look({ checksOrigin: true, tls }, ['foreign-origin'], { tls: TRUSTED });
    expect(lines.get('host-checked')).toMatchObject({
      status: 'met',
      evidence: 'tried by foreign-origin: HTTP 403, and 200 for ours',
    });
  });

  test('a header that names another host lets no other certificate pass', async () => {
    const misnamed = makeCertificate({ subject: 'leaf', dns: 'elsewhere.example', issuer: root });
    const served = await serveMcp({ tls: misnamed });
    const connection = http(undefined, '', { url: served.url, tls: TRUSTED, headers: { host: 'elsewhere.example' } });
    const observing = createObserver({ clock: CLOCK, clientVersion: '0.0.0' }).observe(
      makeServer(connection),
      AbortSignal.timeout(10_000),
    );
    await expect(observing).rejects.toMatchObject({ code: 'TLS_CERTIFICATE' });
    expect(served.requests).toEqual([]);
    await served.close();
  });
});
