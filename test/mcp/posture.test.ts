import { afterEach, expect, test } from 'vitest';

import { readPosture } from '../../src/mcp/posture.js';
import type { OAuthSettings } from '../../src/model/oauth.js';
import { DEFAULT_POSTURE, POSTURE_PROBES, type PostureProbe } from '../../src/model/posture.js';
import type { HttpConnection } from '../../src/model/server.js';
import { createObserver } from '../../src/mcp/observer.js';
import type { Vault } from '../../src/ports.js';
import { http, makeServer } from './make-server.js';
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
  expect(lines.get('registration-ends')?.evidence).toBe('HTTP 204');
  await authorization?.close();
  const { lines: others } = await look({ hasNoManagement: true }, ['registration']);
  expect(others.get('registration-ends')).toMatchObject({ status: 'not met' });
  expect(others.get('registration-ends')?.evidence).toMatch(/stays registered there/);
});
