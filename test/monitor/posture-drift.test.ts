import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Actor } from '../../src/model/change-request.js';
import { DEFAULT_POSTURE } from '../../src/model/posture.js';
import type { Server } from '../../src/model/server.js';
import { assess } from '../../src/monitor/assess.js';
import { settleRequest } from '../../src/monitor/approve.js';
import { inspect } from '../../src/monitor/inspect.js';
import { http } from '../mcp/make-server.js';
import { type Authorization, startAuthorization } from '../mcp/start-authorization.js';
import { createWorld, SIGNAL, type World } from './world.js';

const ALICE: Actor = { kind: 'person', name: 'alice', how: 'browser' };
const HOUR_MS = 60 * 60_000;
const SOUND = { code_challenge_methods_supported: ['S256'] };

let world: World;
let authorization: Authorization;
let flaws: { takesAny: true; metadata: Record<string, unknown>; status: (path: string) => number | undefined };
let tried: Server;

beforeEach(async () => {
  world = await createWorld();
  flaws = { takesAny: true, metadata: SOUND, status: () => undefined };
  authorization = await startAuthorization(flaws);
  const connection = http(undefined, '', {
    url: authorization.url,
    headers: { authorization: 'Bearer any' },
    posture: { ...DEFAULT_POSTURE, isRecorded: true, probes: ['forged-token', 'registration'] },
  });
  tried = world.server('tried', { connection });
});
afterEach(async () => {
  await authorization.close();
  await world.close();
});

/** Looks after a while, and returns what has to be decided, or why it could not be told. */
async function look(): Promise<readonly string[]> {
  world.pass(2 * HOUR_MS);
  const inspection = await inspect(tried, world.deps, SIGNAL);
  if (inspection.kind === 'unchecked') return [inspection.code, inspection.message];
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: tried.id });
  return (
    request?.changes.map(({ refText, class: means, kind, because }) => `${kind} ${means} ${refText}: ${because}`) ?? []
  );
}

async function approveAll(): Promise<void> {
  await look();
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: tried.id });
  const decision = {
    request: request!.id,
    expectedDigest: request!.digest,
    decision: 'approve',
    actor: ALICE,
  } as const;
  await settleRequest(decision, [tried], world.deps);
}

test('a server that is as it was is asked about once', async () => {
  await approveAll();
  expect(await look()).toEqual([]);
  const { snapshot } = await assess(tried, world.deps);
  const posture = snapshot?.definitions.find(({ ref }) => ref.kind === 'posture')?.value;
  expect(posture).toMatchObject({ 'pkce-s256': 'met', unauthenticated: 'met', 'token-checked': 'not met' });
  // It comes and goes, and is no news.
  expect(posture).not.toHaveProperty('rate-limit');
});

test('a server that gives up what protected it is held for that, and what it had is not', async () => {
  await approveAll();
  flaws.metadata = { code_challenge_methods_supported: ['plain'] };
  expect(await look()).toEqual(['changed identity tried/posture/: what the server meets of "pkce-s256" changed']);
  const { decisions } = await assess(tried, world.deps);
  expect(decisions.filter(({ verdict }) => verdict !== 'allow').map(({ refText }) => refText)).toEqual([
    'tried/posture/',
  ]);
  flaws.metadata = SOUND;
  expect(await look()).toEqual([]);
});

test('a server that does better is no alarm', async () => {
  flaws.metadata = { code_challenge_methods_supported: ['plain'] };
  await approveAll();
  flaws.metadata = SOUND;
  expect(await look()).toEqual(['changed narrowing tried/posture/: the server meets "pkce-s256" now']);
});

test.each([503, 429, 408])(
  'metadata that cannot be had for a while (%s) is no change, and no knowledge',
  async (status) => {
    await approveAll();
    flaws.status = (path) => (path.startsWith('/.well-known/') ? status : undefined);
    expect(await look()).toEqual(['OBSERVE_HTTP_STATUS', expect.stringContaining(`HTTP ${status}`)]);
    flaws.status = () => undefined;
    expect(await look()).toEqual([]);
  },
);

test('nobody is registered by a check, however often it is asked for', async () => {
  let registrations = 0;
  flaws.metadata = { ...SOUND, registration_endpoint: 'RESOURCE/register' };
  flaws.status = (path) => {
    if (path === '/register') registrations += 1;
    return undefined;
  };
  await approveAll();
  await look();
  expect(registrations).toBe(0);
});
