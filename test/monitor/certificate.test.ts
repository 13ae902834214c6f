import { once } from 'node:events';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { inspect } from '../../src/monitor/inspect.js';
import { observer } from '../mcp/make-server.js';
import { makeCertificate } from '../notify/make-certificate.js';
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
let https: HttpsServer;
const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

beforeEach(async () => {
  world = await createWorld({ channels: [EMAIL] });
  // The certificate is one that nobody else trusts; whether it is trusted is not what is tested here.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
});
afterEach(async () => {
  if (before === undefined) Reflect.deleteProperty(process.env, 'NODE_TLS_REJECT_UNAUTHORIZED');
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  https.close();
  https.closeAllConnections();
  await world.close();
});

/** A real MCP server over TLS whose certificate ends in so many days. */
async function serve(days: number) {
  const expiresAt = new Date(Date.now() + days * 24 * 60 * 60_000);
  const certificate = makeCertificate({ ip: '127.0.0.1', expiresAt });
  https = createServer(certificate, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const message = (text === '' ? {} : JSON.parse(text)) as { id?: number; method?: string };
      if (message.id === undefined) return void response.writeHead(request.method === 'GET' ? 405 : 202).end();
      const result =
        message.method === 'initialize'
          ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'tls', version: '1' } }
          : { tools: [HONEST] };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    });
  }).listen(0, '127.0.0.1');
  await once(https, 'listening');
  const url = `https://127.0.0.1:${(https.address() as AddressInfo).port}/mcp`;
  return world.server('tls', {
    connection: { kind: 'http', url, headers: {}, transport: 'streamable-http', launch: undefined },
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
  https.close();
  https.closeAllConnections();
  const renewed = await observer.observe({ ...(await serve(30)), provenance: server.provenance }, SIGNAL);
  expect(renewed.certificateExpiresAt).not.toBe(observation.certificateExpiresAt);
  expect(renewed.rawDigest).toBe(observation.rawDigest);
});
