import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Actor } from '../../src/model/change-request.js';
import type { Server } from '../../src/model/server.js';
import { DEFAULT_TLS, type Pin, type TlsRules } from '../../src/model/tls.js';
import { settleRequest } from '../../src/monitor/approve.js';
import { assess } from '../../src/monitor/assess.js';
import { inspect } from '../../src/monitor/inspect.js';
import { type Made, makeCertificate } from '../make-certificate.js';
import { http } from '../mcp/make-server.js';
import { type Served, serveMcp } from '../mcp/serve-mcp.js';
import { pinOf } from '../pin-of.js';
import { createWorld, SIGNAL, type World } from './world.js';

const EMAIL = {
  kind: 'email',
  name: 'email',
  from: 'a@example.test',
  to: ['security@example.test'],
  minimumUrgency: 'info',
  smtp: { host: '127.0.0.1', port: 25, security: 'none', user: undefined, password: undefined, ca: undefined },
} as const;

const ALICE: Actor = { kind: 'person', name: 'alice', how: 'browser' };

const root = makeCertificate({ subject: 'root' });
const ip = '127.0.0.1';
const ours = makeCertificate({ subject: 'leaf', ip, issuer: root });
const renewed = makeCertificate({ subject: 'leaf', ip, issuer: root, keys: ours.keys });
const theirs = makeCertificate({ subject: 'leaf', ip, issuer: root });
const other = makeCertificate({ subject: 'other root' });
const reissued = makeCertificate({ subject: 'leaf', ip, issuer: other, keys: ours.keys });
const spare: Pin = pinOf(makeCertificate({}));

let world: World;
let served: Served;
let port = 0;

beforeEach(async () => {
  world = await createWorld({ channels: [EMAIL] });
});
afterEach(async () => {
  await served.close();
  await world.close();
  port = 0;
});

/** Serves with a certificate, from the second time on in the place of the one before. */
async function serve(certificate: Made): Promise<void> {
  if (port !== 0) await served.close();
  served = await serveMcp({ tls: certificate, port });
  port = Number(new URL(served.url).port);
}

function server(rules: Partial<TlsRules>): Server {
  const tls = { ...DEFAULT_TLS, ca: root.cert + other.cert, ...rules };
  return world.server('tls', {
    connection: http(undefined, '', { url: served.url, transport: 'streamable-http', tls }),
    provenance: { type: 'http', url: served.url },
  });
}

async function approveAll(tried: Server): Promise<void> {
  await inspect(tried, world.deps, SIGNAL);
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: tried.id });
  await settleRequest(
    { request: request!.id, expectedDigest: request!.digest, decision: 'approve', actor: ALICE },
    [tried],
    world.deps,
  );
}

/** How a look at it ends, and what may happen then. */
async function look(tried: Server): Promise<{ readonly outcome: string; readonly verdicts: readonly string[] }> {
  const inspection = await inspect(tried, world.deps, SIGNAL);
  const { decisions } = await assess(tried, world.deps);
  const outcome = inspection.kind === 'unchecked' ? inspection.code : inspection.kind;
  return { outcome, verdicts: [...new Set(decisions.map(({ verdict }) => verdict))] };
}

async function alerts(): Promise<readonly string[]> {
  const records = await world.deps.store.listDeliveries({ limit: 100 });
  return records.map(({ subject, urgency }) => `${subject.kind} ${urgency}`);
}

describe('somebody else answers in the place of a pinned server', () => {
  test('what was approved is blocked at once, everybody is told, and it is released when the server is back', async () => {
    await serve(ours);
    const tried = server({ pins: [pinOf(ours), spare] });
    await approveAll(tried);
    expect(await look(tried)).toEqual({ outcome: 'unchanged', verdicts: ['allow'] });
    await serve(theirs);
    expect(await look(tried)).toEqual({ outcome: 'TLS_PIN_MISMATCH', verdicts: ['block'] });
    expect(served.requests).toEqual([]);
    expect(await alerts()).toContain('unchecked critical');
    await serve(ours);
    expect((await look(tried)).verdicts).toEqual(['allow']);
  });

  test('after an outage that was told already, it is told again', async () => {
    await serve(ours);
    const tried = server({ pins: [pinOf(ours), spare] });
    await approveAll(tried);
    await served.close();
    expect((await look(tried)).outcome).toBe('OBSERVE_CONNECT_FAILED');
    served = await serveMcp({ tls: theirs, port });
    expect((await look(tried)).verdicts).toEqual(['block']);
    await look(tried);
    const told = (await alerts()).filter((one) => one.startsWith('unchecked'));
    expect(told.toSorted()).toEqual(['unchecked critical', 'unchecked high']);
  });
});

test('a server that is taken off the allowlist is blocked, everybody is told, and no socket is opened to it', async () => {
  await serve(ours);
  const tried = server({});
  await approveAll(tried);
  const before = served.sockets();
  const nothing = { origins: [], packages: [], executables: [], images: [] };
  const refused = await look({ ...tried, allowlist: nothing });
  expect(refused).toEqual({ outcome: 'CONNECT_NOT_ALLOWED', verdicts: ['block'] });
  expect(await alerts()).toContain('unchecked critical');
  expect(served.sockets()).toBe(before);
});

describe('a server whose certificate is recorded', () => {
  test('is approved with its keys, and a renewed certificate with the same key is no change', async () => {
    await serve(ours);
    const tried = server({ isRecorded: true });
    await approveAll(tried);
    const snapshot = await world.deps.store.loadSnapshot(tried.id, 'default');
    const provenance = snapshot?.definitions.find(({ ref }) => ref.kind === 'provenance');
    expect(provenance?.content).toContain(pinOf(ours));
    await serve(renewed);
    expect(await look(tried)).toEqual({ outcome: 'unchanged', verdicts: ['allow'] });
  });

  test('is held when another authority vouches for the same key', async () => {
    await serve(ours);
    const tried = server({ isRecorded: true });
    await approveAll(tried);
    await serve(reissued);
    expect((await look(tried)).verdicts).toEqual(['hold']);
    await serve(ours);
    expect(await look(tried)).toMatchObject({ verdicts: ['allow'] });
  });

  test('is held with all it declares when it has another key, in one request', async () => {
    await serve(ours);
    const tried = server({ isRecorded: true });
    await approveAll(tried);
    await serve(theirs);
    expect((await look(tried)).verdicts).toEqual(['hold']);
    const [request] = await world.deps.store.listRequests({ states: ['open'], server: tried.id });
    expect(request?.changes.map((change) => [change.ref.kind, change.class])).toEqual([
      ['provenance', 'identity'],
      ['server', 'identity'],
      ['tool', 'identity'],
    ]);
    await approveAll(tried);
    expect((await look(tried)).verdicts).toEqual(['allow']);
  });
});
