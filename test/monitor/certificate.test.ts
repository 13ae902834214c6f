import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Actor } from '../../src/model/change-request.js';
import type { Server } from '../../src/model/server.js';
import { DEFAULT_TLS } from '../../src/model/tls.js';
import { settleRequest } from '../../src/monitor/approve.js';
import { assess } from '../../src/monitor/assess.js';
import { inspect } from '../../src/monitor/inspect.js';
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

const ALICE: Actor = { kind: 'person', name: 'alice', how: 'browser' };
const DAY_MS = 24 * 60 * 60_000;

let world: World;
let served: Served | undefined;

beforeEach(async () => {
  world = await createWorld({ channels: [EMAIL] });
});
afterEach(async () => {
  await served?.close();
  served = undefined;
  await world.close();
});

/** A real MCP server over TLS whose certificate ends in so many days; always the same server to us, wherever it listens. */
async function serve(days: number, tools: readonly unknown[] = [HONEST]): Promise<Server> {
  const expiresAt = new Date(Date.now() + days * DAY_MS);
  const certificate = makeCertificate({ ip: '127.0.0.1', expiresAt });
  await served?.close();
  served = await serveMcp({ tls: certificate, tools });
  const { url } = served;
  return world.server('tls', {
    connection: http(undefined, '', { url, tls: { ...DEFAULT_TLS, ca: certificate.cert } }),
    provenance: { type: 'http', url: 'https://mcp.example' },
  });
}

async function approveAll(server: Server): Promise<void> {
  await inspect(server, world.deps, SIGNAL);
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: server.id });
  await settleRequest(
    { request: request!.id, expectedDigest: request!.digest, decision: 'approve', actor: ALICE },
    [server],
    world.deps,
  );
}

/** Looks at the server, and returns what has to be decided. */
async function look(server: Server): Promise<readonly string[]> {
  await inspect(server, world.deps, SIGNAL);
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: server.id });
  return (
    request?.changes.map(({ refText, kind, urgency, because }) => `${kind} ${urgency} ${refText}: ${because}`) ?? []
  );
}

async function subjects(): Promise<readonly string[]> {
  const records = await world.deps.store.listDeliveries({ limit: 100 });
  return records.map(({ subject, urgency }) => `${subject.kind} ${urgency}`);
}

const ENDS_SOON = 'added high tls/certificate/: the certificate of the server ends soon';

describe('a certificate that ends within two weeks', () => {
  test('is drift, in the same change request as everything else, and holds nothing but itself', async () => {
    await approveAll(await serve(365));
    const server = await serve(3, [HONEST, { ...HONEST, name: 'get_forecast' }]);
    expect(await look(server)).toEqual([ENDS_SOON, 'added high tls/tool/get_forecast: this tool is new']);
    const { decisions } = await assess(server, world.deps);
    const held = decisions.filter(({ verdict }) => verdict !== 'allow').map(({ refText }) => refText);
    expect(held).toEqual(['tls/certificate/', 'tls/tool/get_forecast']);
    expect(await subjects()).toContain('change-request high');
  });

  test('is so from one day to the next, though the server sends the same bytes', async () => {
    const server = await serve(20);
    await approveAll(server);
    expect(await look(server)).toEqual([]);
    world.pass(7 * DAY_MS);
    expect(await look(server)).toEqual([ENDS_SOON]);
  });

  test('is asked about once, and a renewed one withdraws the question', async () => {
    await approveAll(await serve(365));
    const ending = await serve(3);
    expect(await look(ending)).toEqual([ENDS_SOON]);
    const before = (await subjects()).length;
    await look(ending);
    expect((await subjects()).length).toBe(before);
    expect(await look(await serve(90))).toEqual([]);
  });

  test('that somebody has taken note of is asked about no more, and a renewed one is of low urgency', async () => {
    await approveAll(await serve(365));
    const ending = await serve(3);
    await approveAll(ending);
    expect(await look(ending)).toEqual([]);
    expect(await look(await serve(90))).toEqual(['removed low tls/certificate/: the certificate was renewed']);
  });

  test('is not trusted at first use', async () => {
    const server: Server = { ...(await serve(3)), firstUse: 'trust' };
    expect(await look(server)).toEqual([ENDS_SOON]);
  });

  test('is an alert of its own on its last day, once', async () => {
    const server = await serve(3);
    await approveAll(server);
    await look(server);
    expect(await subjects()).not.toContain('certificate-expires critical');
    world.pass(2.5 * DAY_MS);
    await look(server);
    await look(server);
    expect((await subjects()).filter((subject) => subject.startsWith('certificate-expires'))).toEqual([
      'certificate-expires critical',
    ]);
  });
});

test('a certificate that ends in a year is no news', async () => {
  await approveAll(await serve(365));
  expect(await look(await serve(360))).toEqual([]);
  expect(await subjects()).not.toContain('certificate-expires critical');
});

test('when a certificate ends is read from the connection, and changes neither fingerprint nor digest', async () => {
  const server = await serve(3);
  const observation = await observer.observe(server, SIGNAL);
  const days = (Date.parse(observation.certificateExpiresAt ?? '') - Date.now()) / DAY_MS;
  expect(days).toBeGreaterThan(2.9);
  expect(days).toBeLessThan(3.1);
  const renewed = await observer.observe(await serve(30), SIGNAL);
  expect(renewed.certificateExpiresAt).not.toBe(observation.certificateExpiresAt);
  expect(renewed.rawDigest).toBe(observation.rawDigest);
});
