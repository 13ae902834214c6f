import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { getRequestListener } from '@hono/node-server';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { addApiToken } from '../../src/monitor/api-token.js';
import { createTelemetry } from '../../src/telemetry/telemetry.js';
import { startTracing } from '../../src/telemetry/tracing.js';
import { createApp } from '../../src/web/create-app.js';
import { createWorld, type World } from '../monitor/world.js';

let world: World;
let close: () => void;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  close();
  await world.close().catch(() => undefined);
});

/** The pages over a real listener, and the telemetry that they show. */
async function start() {
  const { store, clock, logger } = world.deps;
  const tracing = await startTracing({}, '1.2.3', logger);
  const telemetry = createTelemetry({ store, clock, version: '1.2.3', tracing });
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const deps = { ...world.deps, telemetry };
  const app = createApp({ servers: [], deps, publicUrl: url, allowedHosts: ['127.0.0.1'] });
  const listener = getRequestListener(app.fetch);
  http.on('request', (request, response) => void listener(request, response));
  close = () => {
    http.close();
    http.closeAllConnections();
  };
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, { headers });
    return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
  };
  return { telemetry, get, port };
}

test('ready is said when every server was looked at and the timers fire, and which part is missing before', async () => {
  const { telemetry, get } = await start();
  expect(await get('/readyz')).toMatchObject({
    status: 503,
    text: '{"status":"starting","missing":["first-round","scheduler"]}',
  });
  expect((await get('/healthz')).status).toBe(200);
  telemetry.beat();
  telemetry.firstRoundDone();
  expect(await get('/readyz')).toMatchObject({ status: 200, text: '{"status":"ready"}' });
});

test('a service without its store is neither alive nor ready', async () => {
  const { telemetry, get } = await start();
  telemetry.beat();
  telemetry.firstRoundDone();
  await world.deps.store.close();
  expect((await get('/healthz')).status).toBe(503);
  const ready = await get('/readyz');
  expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('"missing":["store"]')]);
});

test('this machine gets the figures in the text format of Prometheus', async () => {
  const { get } = await start();
  const { status, text, type } = await get('/metrics');
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(text).toContain('sealwatch_build_info{version="1.2.3"} 1\n');
});

test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])(
  'whoever comes through a proxy of this machine (%s) gets no figures without a token',
  async (header) => {
    const { get } = await start();
    expect((await get('/metrics', { [header]: '203.0.113.9' })).status).toBe(401);
    expect((await get('/metrics', { [header]: '127.0.0.1' })).status).toBe(401);
  },
);

test('an API token for every server is enough for the figures, from anywhere; one for some servers is not', async () => {
  const { get } = await start();
  const grants = [{ role: 'viewer', servers: ['*'] }] as const;
  const { token } = await addApiToken({ name: 'prometheus', grants, lifetimeMs: 60_000 }, 'test', world.deps);
  const far = { 'x-forwarded-for': '203.0.113.9' };
  expect((await get('/metrics', { ...far, authorization: `Bearer ${token}` })).status).toBe(200);
  const some = [{ role: 'admin', servers: ['payments-*'] }] as const;
  const scoped = await addApiToken({ name: 'payments', grants: some, lifetimeMs: 60_000 }, 'test', world.deps);
  for (const other of [scoped.token, `swt_${'a'.repeat(43)}`])
    expect((await get('/metrics', { ...far, authorization: `Bearer ${other}` })).status).toBe(401);
});

test('a page that points its own name at this machine gets no figures (DNS rebinding)', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).not.toMatch(/^HTTP\/1.1 200/);
  expect(answer).not.toContain('sealwatch_');
});
