import { afterEach, expect, test } from 'vitest';

import type { Alerting } from '../../src/model/alerting.js';
import type { OutgoingAlert } from '../../src/model/alert.js';
import type { Channel } from '../../src/model/channel.js';
import { settleRequest } from '../../src/monitor/approve.js';
import { inspect } from '../../src/monitor/inspect.js';
import { deliverDue } from '../../src/monitor/outbox.js';
import { remind } from '../../src/monitor/remind.js';
import type { Notifier } from '../../src/ports.js';
import { createWorld, HONEST, SIGNAL, type World } from './world.js';

const CHANNELS: readonly Channel[] = [
  { kind: 'stdout', name: 'team', minimumUrgency: 'low' },
  { kind: 'stdout', name: 'chief', minimumUrgency: 'critical' },
];
const HOUR_MS = 60 * 60_000;

let world: World;
let told: string[];

afterEach(() => world.close());

async function start(alerting: Partial<Alerting>): Promise<void> {
  world = await createWorld({ channels: CHANNELS, alerting });
  told = [];
  world.serve('weather', [HONEST]);
  await inspect(world.server('weather'), world.deps, SIGNAL);
}

/** One minute's work of the service. */
async function turn(): Promise<void> {
  await remind([world.server('weather'), world.server('clock')], world.deps);
  const notifiers = CHANNELS.map(({ name }) => listener(name));
  await deliverDue({ ...world.deps, notifiers, publicUrl: undefined }, SIGNAL);
}

/** What a channel makes of an alert is the channel's test; here it is only noted. */
function listener(channel: string): Notifier {
  const note = ({ subject, items, view }: OutgoingAlert): string => {
    if (items !== undefined) return `[${items.map(note).join(', ')}]`;
    return subject.kind === 'change-request' ? `${subject.occasion ?? 'news'} ${view?.request.id ?? 0}` : subject.kind;
  };
  return { channel, send: (alert) => Promise.resolve(void told.push(`${channel}: ${note(alert)}`)) };
}

async function settle(): Promise<void> {
  const [request] = await world.deps.store.listRequests({ states: ['open'] });
  const { id, digest } = request!;
  const actor = { kind: 'person', name: 'ann', how: 'token' } as const;
  const settlement = { request: id, expectedDigest: digest, decision: 'approve', actor } as const;
  await settleRequest(settlement, [world.server('weather')], world.deps);
}

test('a request that waits is told again every day, and once a day only, also after an outage of days', async () => {
  await start({ remindAfterMs: 24 * HOUR_MS });
  await turn();
  await turn();
  expect(told).toEqual(['team: news 1']);
  world.pass(23 * HOUR_MS);
  await turn();
  expect(told).toHaveLength(1);
  world.pass(2 * HOUR_MS);
  await turn();
  await turn();
  expect(told).toEqual(['team: news 1', 'team: reminder 1']);
  world.pass(4 * 24 * HOUR_MS);
  await turn();
  await turn();
  expect(told).toEqual(['team: news 1', 'team: reminder 1', 'team: reminder 1']);
});

test('what nobody was told of is no reminder', async () => {
  await start({ remindAfterMs: HOUR_MS });
  world.pass(30 * HOUR_MS);
  await remind([world.server('weather')], world.deps);
  expect(await world.deps.store.countDeliveries()).toEqual({ waiting: 1, dead: 0 });
});

test('a request is escalated once, on the channels for that, and not after somebody settled it', async () => {
  await start({ remindAfterMs: undefined, escalation: { afterMs: 48 * HOUR_MS, channels: ['chief'] } });
  await turn();
  world.pass(49 * HOUR_MS);
  await turn();
  world.pass(49 * HOUR_MS);
  await turn();
  expect(told).toEqual(['team: news 1', 'chief: escalation 1']);
});

test('a reminder that was raised before the decision is not sent after it', async () => {
  await start({ remindAfterMs: HOUR_MS });
  await turn();
  world.pass(2 * HOUR_MS);
  await remind([world.server('weather')], world.deps);
  await settle();
  await turn();
  expect(told).toEqual(['team: news 1']);
  expect(await world.deps.store.countDeliveries()).toEqual({ waiting: 0, dead: 0 });
});

test('a server that keeps drifting without getting worse is reminded of: it cannot wear the reminder off', async () => {
  await start({ remindAfterMs: 24 * HOUR_MS });
  await turn();
  for (let again = 1; again <= 3; again++) {
    world.pass(9 * HOUR_MS);
    world.serve('weather', [HONEST, { ...HONEST, name: `get_weather_${again}` }]);
    await inspect(world.server('weather'), world.deps, SIGNAL);
    await turn();
  }
  expect(told).toEqual(['team: news 1', 'team: reminder 4']);
});

test('reminders that are due together are one message', async () => {
  await start({ remindAfterMs: HOUR_MS });
  world.serve('clock', [{ ...HONEST, name: 'get_time' }]);
  await inspect(world.server('clock'), world.deps, SIGNAL);
  await turn();
  world.pass(2 * HOUR_MS);
  await turn();
  expect(told).toEqual(['team: [news 1, news 2]', 'team: [reminder 1, reminder 2]']);
});

test('a reminder waits for the end of the quiet hours', async () => {
  const hourOf = (later: number) => {
    const at = new Date(Date.now() + later * HOUR_MS);
    return { hour: at.getUTCHours(), minute: at.getUTCMinutes(), timeZone: 'UTC' };
  };
  await start({ remindAfterMs: 2 * HOUR_MS, quietHours: { from: hourOf(1), to: hourOf(5) } });
  await turn();
  world.pass(3 * HOUR_MS);
  await turn();
  expect(told).toEqual(['team: news 1']);
  world.pass(2.5 * HOUR_MS);
  await deliverDue(
    { ...world.deps, notifiers: CHANNELS.map(({ name }) => listener(name)), publicUrl: undefined },
    SIGNAL,
  );
  expect(told).toEqual(['team: news 1', 'team: reminder 1']);
});

test('what was recorded before there was a channel is told when there is one, also after it drifted on, and once', async () => {
  world = await createWorld({ channels: [], alerting: { remindAfterMs: undefined } });
  told = [];
  world.serve('weather', [HONEST]);
  await inspect(world.server('weather'), world.deps, SIGNAL);
  await turn();
  expect(told).toEqual([]);
  const deps = { ...world.deps, channels: CHANNELS };
  world.serve('weather', [HONEST, { ...HONEST, name: 'delete_everything' }]);
  const first = await inspect(world.server('weather'), deps, SIGNAL);
  expect(first).toMatchObject({ transition: 'supersede' });
  for (let again = 0; again < 3; again += 1) {
    await remind([world.server('weather')], deps);
    await deliverDue({ ...deps, notifiers: CHANNELS.map(({ name }) => listener(name)), publicUrl: undefined }, SIGNAL);
  }
  expect(told).toEqual(['team: news 2']);
});

test('what every channel gave up is told again another day, also where nothing reminds', async () => {
  await start({ remindAfterMs: undefined });
  const [delivery] = await world.deps.store.claimDeliveries(nowText(), nowText(1), 10);
  await world.deps.store.markFailed(delivery!.id, { message: 'gone', nextAttemptAt: undefined }, []);
  await turn();
  expect(told).toEqual(['team: news 1']);
  world.pass(24 * HOUR_MS);
  await turn();
  expect(told).toHaveLength(1);
});

function nowText(minutes = 0): string {
  return new Date(world.deps.clock.now().getTime() + minutes * 60_000).toISOString();
}
