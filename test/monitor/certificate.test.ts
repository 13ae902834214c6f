import { afterEach, beforeEach, expect, test } from 'vitest';

import { inspect } from '../../src/monitor/inspect.js';
import { DEFAULT_TLS } from '../../src/model/tls.js';
import { http, observer } from '../mcp/make-server.js';
import { makeCertificate } from '../make-certificate.js';
import { type Served, serveMcp } from '../mcp/serve-mcp.js';
import { createWorld, HONEST, SIGNAL, type World } from './world.js';

const EMAIL = {
  kind: 'email',
  name: 'email',
  from: 'a@example.test',
  to: ['security@example.test'],
  minimumUrgency: 'high',
  smtp: { host: '127.0.0.1', port: 25, security: 'none', user: undefined, password: undefined, ca: undefined },
} as const;

let world: World;
let served: Served;

beforeEach(async () => {
  world = await createWorld({ channels: [EMAIL] });
});
afterEach(async () => {
  await served.close();
  await world.close();
});

/** A real MCP server over TLS whose certificate ends in so many days. */
async function serve(days: number) {
  const expiresAt = new Date(Date.now() + days * 24 * 60 * 60_000);
  const certificate = makeCertificate({ ip: '127.0.0.1', expiresAt });
  served = await serveMcp({ tls: certificate, tools: [HONEST] });
  const { url } = served;
  return world.server('tls', {
    connection: http(undefined, '', { url, tls: { ...DEFAULT_TLS, ca: certificate.cert } }),
    provenance: { type: 'http', url },
  });
}

async function subjects(): Promise<readonly string[]> {
  const records = await world.deps.store.listDeliveries({ limit: 100 });
  return records.map(({ subject }) => subject.kind);
}

test('a certificate that ends in three days is an alert, once', async () => {
  const server = await serve(3);
  await inspect(server, world.deps, SIGNAL);
  await inspect(server, world.deps, SIGNAL);
  expect((await subjects()).filter((kind) => kind === 'certificate-expires')).toHaveLength(1);
});

test('a certificate that ends in a year is none', async () => {
  await inspect(await serve(365), world.deps, SIGNAL);
  expect(await subjects()).not.toContain('certificate-expires');
});

test('when a certificate ends is read from the connection, and changes neither fingerprint nor digest', async () => {
  const server = await serve(3);
  const observation = await observer.observe(server, SIGNAL);
  const days = (Date.parse(observation.certificateExpiresAt ?? '') - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(2.9);
  expect(days).toBeLessThan(3.1);
  await served.close();
  const renewed = await observer.observe({ ...(await serve(30)), provenance: server.provenance }, SIGNAL);
  expect(renewed.certificateExpiresAt).not.toBe(observation.certificateExpiresAt);
  expect(renewed.rawDigest).toBe(observation.rawDigest);
});
