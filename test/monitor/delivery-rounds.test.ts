import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from 'vitest';

import type { Channel } from '../../src/model/channel.js';
import type { Urgency } from '../../src/model/drift.js';
import { DeliveryRounds } from '../../src/monitor/delivery-rounds.js';
import type { OutboxDeps } from '../../src/monitor/message.js';
import { createNotifiers } from '../../src/notify/index.js';
import { type Smtp, startSmtp } from '../notify/start-smtp.js';
import { createWorld, type World } from './world.js';

let world: World;
let smtp: Smtp;
let stop: AbortController;

afterEach(async () => {
  stop.abort();
  await smtp.close();
  await world.close();
});

/** A log that takes everything, and a mail server whose answers are held until `release`. */
async function start(to: readonly string[]): Promise<{
  readonly rounds: DeliveryRounds;
  readonly log: string[];
  readonly seen: { most: number };
  readonly failures: unknown[];
  readonly raise: (key: string, urgency?: Urgency) => Promise<void>;
  readonly release: () => void;
}> {
  stop = new AbortController();
  const waiting = new Set<() => void>();
  const seen = { most: 0 };
  let isReleased = false;
  smtp = await startSmtp({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom: (_address, _session, callback) => {
      const answer = (): void => {
        waiting.delete(answer);
        callback();
      };
      waiting.add(answer);
      seen.most = Math.max(seen.most, waiting.size);
      if (isReleased) setTimeout(answer, 50);
    },
  });
  const options = {
    host: '127.0.0.1',
    port: smtp.port,
    security: 'none',
    user: undefined,
    password: undefined,
    ca: undefined,
  };
  const channels: readonly Channel[] = [
    {
      kind: 'email',
      name: 'email',
      from: 'a@example.test',
      to,
      minimumUrgency: 'low',
      smtp: { ...options, security: 'none' },
    },
    { kind: 'stdout', name: 'log', minimumUrgency: 'low' },
  ];
  world = await createWorld({ channels });
  const log: string[] = [];
  const failures: unknown[] = [];
  const notifiers = createNotifiers(channels, {
    clock: world.deps.clock,
    stdout: (text) => void log.push(/github-\w+/.exec(text)?.[0] ?? '-'),
  });
  const deps: OutboxDeps = { ...world.deps, notifiers, publicUrl: undefined };
  return {
    rounds: new DeliveryRounds(deps, (error) => void failures.push(error), stop.signal),
    log,
    seen,
    failures,
    raise: async (key, urgency = 'high') => {
      const now = world.deps.clock.now().toISOString();
      const destinations = [
        ...to.map((recipient) => ({ channel: 'email', recipient })),
        { channel: 'log', recipient: '' },
      ];
      const subject = { kind: 'channel-failed', channel: `github-${key}`, message: 'refused' } as const;
      await world.deps.store.raise([{ subject, urgency, dedupKey: key, to: destinations }], now);
    },
    release: () => {
      isReleased = true;
      for (const answer of waiting) answer();
    },
  };
}

test('a channel that hangs holds back neither the other channels nor what comes after', async () => {
  const { rounds, log, raise, failures } = await start(['ann@example.test']);
  await raise('one');
  void rounds.run();
  await expect.poll(() => log).toEqual(['github-one']);
  await raise('two');
  void rounds.run();
  await expect.poll(() => log).toEqual(['github-one', 'github-two']);
  expect(smtp.received).toEqual([]);
  expect(failures).toEqual([]);
});

test('at most four mails are on their way at once, and all of them arrive, each once', async () => {
  const to = Array.from({ length: 12 }, (_, index) => `person${index}@example.test`);
  const { rounds, seen, raise, release } = await start(to);
  await raise('one');
  const round = rounds.run();
  await expect.poll(() => seen.most).toBe(4);
  await sleep(200);
  expect(seen.most).toBe(4);
  release();
  await round;
  expect(seen.most).toBe(4);
  expect(smtp.received.map(({ recipients }) => recipients[0]).sort()).toEqual([...to].sort());
});

test('what waited in its queue until its lease is nearly over is not begun, and is claimed anew later', async () => {
  const to = Array.from({ length: 6 }, (_, index) => `person${index}@example.test`);
  const { rounds, seen, raise, release } = await start(to);
  await raise('one');
  const round = rounds.run();
  await expect.poll(() => seen.most).toBe(4);
  world.pass(2 * 60_000);
  release();
  await round;
  expect(smtp.received).toHaveLength(4);
  world.pass(60_000);
  await rounds.run();
  expect(smtp.received.map(({ recipients }) => recipients[0]).sort()).toEqual(to);
});

test('what is critical does not wait behind the others on its channel', async () => {
  const to = Array.from({ length: 6 }, (_, index) => `person${index}@example.test`);
  const { rounds, seen, raise, release } = await start(to);
  await raise('one');
  const first = rounds.run();
  await expect.poll(() => seen.most).toBe(4);
  await raise('worse', 'critical');
  const second = rounds.run();
  await sleep(200);
  release();
  await Promise.all([first, second]);
  const subjects = smtp.received.map(({ mail }) => /github-\w+/.exec(mail.subject ?? '')?.[0]);
  expect(subjects.slice(4, 10)).toEqual(Array.from({ length: 6 }, () => 'github-worse'));
  expect(subjects).toHaveLength(12);
});

test('a store that fails is told, also in a round that nobody waits for', async () => {
  const { rounds, failures } = await start(['ann@example.test']);
  await world.deps.store.close();
  await expect(rounds.run()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await rounds.ended();
  expect(failures).toHaveLength(1);
});
