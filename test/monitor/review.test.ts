import { afterEach, expect, test } from 'vitest';

import { settleRequest } from '../../src/monitor/approve.js';
import { assess } from '../../src/monitor/assess.js';
import { listInbox } from '../../src/monitor/inbox.js';
import { inspect } from '../../src/monitor/inspect.js';
import { decideByLink, issueLink, openLink } from '../../src/monitor/link.js';
import { somebody } from './principals.js';
import { createWorld, HONEST, SIGNAL, type World } from './world.js';

const DAY_MS = 24 * 60 * 60_000;
const ACTOR = { kind: 'person', name: 'ann', how: 'token' } as const;

let world: World;
afterEach(() => world.close());

async function approvedServer() {
  world = await createWorld();
  world.serve('weather', [HONEST]);
  const server = world.server('weather', { reviewEveryMs: 90 * DAY_MS });
  await decide(server, 'approve');
  return server;
}

async function decide(server: ReturnType<World['server']>, decision: 'approve' | 'reject') {
  const inspection = await inspect(server, world.deps, SIGNAL);
  const request = inspection.kind === 'checked' ? inspection.request : undefined;
  const open = request ?? (await world.deps.store.listRequests({ states: ['open'] }))[0]!;
  const settlement = { request: open.id, expectedDigest: open.digest, decision, actor: ACTOR };
  return settleRequest(settlement, [server], world.deps);
}

async function verdicts(server: ReturnType<World['server']>) {
  return (await assess(server, world.deps)).decisions.map(({ refText, verdict }) => `${refText} ${verdict}`);
}

test('equal bytes are no reason to skip a review whose day has come; approving renews it for as long again', async () => {
  const server = await approvedServer();
  world.pass(89 * DAY_MS);
  expect(await inspect(server, world.deps, SIGNAL)).toMatchObject({ kind: 'unchanged' });
  expect(await world.deps.store.listRequests({ states: ['open'] })).toEqual([]);

  world.pass(2 * DAY_MS);
  expect(await inspect(server, world.deps, SIGNAL)).toMatchObject({
    kind: 'checked',
    transition: 'open',
    request: {
      urgency: 'low',
      changes: [],
      review: ['weather/provenance/', 'weather/server/', 'weather/tool/get_weather'],
    },
  });
  expect(await verdicts(server)).toEqual([
    'weather/provenance/ allow',
    'weather/server/ allow',
    'weather/tool/get_weather allow',
  ]);
  // Asked once, however often it is looked at.
  expect(await inspect(server, world.deps, SIGNAL)).toMatchObject({ kind: 'unchanged' });

  expect(await decide(server, 'approve')).toMatchObject({ state: 'approved' });
  expect(await world.deps.store.listRequests({ states: ['open'] })).toEqual([]);
  world.pass(80 * DAY_MS);
  expect(await inspect(server, world.deps, SIGNAL)).toMatchObject({ kind: 'unchanged' });
  const history = await world.deps.store.history('weather/tool/get_weather');
  expect(history[0]?.approvals.map(({ endedAt }) => endedAt === undefined)).toEqual([false, true]);

  world.pass(11 * DAY_MS);
  expect(await inspect(server, world.deps, SIGNAL)).toMatchObject({ transition: 'open' });
});

test('rejecting a review ends the approvals: the server is on hold and asked about like a new one', async () => {
  const server = await approvedServer();
  world.pass(91 * DAY_MS);
  expect(await decide(server, 'reject')).toMatchObject({ state: 'rejected' });
  expect(await verdicts(server)).toEqual([
    'weather/provenance/ hold',
    'weather/server/ hold',
    'weather/tool/get_weather hold',
  ]);
  expect(await world.deps.store.listRequests({ states: ['open'] })).toMatchObject([
    { review: [], changes: [{}, {}, {}] },
  ]);
});

test.each(['approve', 'reject'] as const)(
  'a mail scanner that submits forms does not %s a review',
  async (decision) => {
    const server = await approvedServer();
    world.pass(91 * DAY_MS);
    await inspect(server, world.deps, SIGNAL);
    const [request] = await world.deps.store.listRequests({ states: ['open'] });
    const { token } = await issueLink(request!, 'ann@example.com', world.deps);
    expect(await openLink(token, world.deps)).toMatchObject({ kind: 'open', needsBrowser: true });
    const input = { token, digest: request!.digest, decision, principal: undefined, comment: undefined };
    await expect(decideByLink(input, [server], world.deps)).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
    expect(await verdicts(server)).toContain('weather/tool/get_weather allow');
  },
);

test('a review is not decided among others unread', async () => {
  const server = await approvedServer();
  world.pass(91 * DAY_MS);
  await inspect(server, world.deps, SIGNAL);
  const [item] = await listInbox(somebody('ann'), world.deps);
  expect(item).toMatchObject({ request: { urgency: 'low' }, mayDecideUnopened: false });
});
