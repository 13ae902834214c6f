import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, expect, test } from 'vitest';

import type { Cli } from '../../src/cli/cli.js';
import { type Delivery, startDelivery } from '../../src/cli/delivery.js';
import type { Channel } from '../../src/model/channel.js';
import { startSmtp } from '../notify/start-smtp.js';
import { createWorld, type World } from '../monitor/world.js';

const LOG: Channel = { kind: 'stdout', name: 'log', minimumUrgency: 'low' };

let world: World;
let delivery: Delivery;
let shown: string[];
let failures: unknown[];
let stopping: AbortController;

afterEach(async () => {
  stopping.abort();
  await delivery.stop();
  await world.close();
});

async function start(channels: readonly Channel[]): Promise<void> {
  world = await createWorld({ channels });
  shown = [];
  failures = [];
  stopping = new AbortController();
  const write = (text: string): void => void shown.push(/github-\w+/.exec(text)?.[0] ?? text);
  // The whole of a command line is more than sending needs.
  const cli = { flags: { json: true }, io: { stdout: { write } }, signal: stopping.signal } as unknown as Cli;
  const onFailure = (error: unknown): void => void failures.push(error);
  delivery = startDelivery(cli, world.deps, { servers: [], publicUrl: undefined, onFailure });
}

async function raise(name: string): Promise<void> {
  const to = world.deps.channels.map((channel) => ({ channel: channel.name, recipient: 'ann@example.test' }));
  const subject = { kind: 'channel-failed', channel: `github-${name}`, message: 'refused' } as const;
  const now = world.deps.clock.now().toISOString();
  await world.deps.store.raise([{ subject, urgency: 'high', dedupKey: name, to }], now);
}

test('nothing is sent before the first round over all servers is done, and then all of it', async () => {
  await start([LOG]);
  await raise('one');
  await delivery.now();
  await raise('two');
  await delivery.now();
  expect(shown).toEqual([]);
  delivery.start();
  await expect.poll(() => shown).toEqual(['github-one', 'github-two']);
});

test('once it is started, what an inspection brings is sent before the next is told', async () => {
  await start([LOG]);
  delivery.start();
  delivery.start();
  for (const name of ['one', 'two', 'three']) {
    await raise(name);
    await delivery.now();
    expect(shown.at(-1)).toBe(`github-${name}`);
  }
  expect(shown).toHaveLength(3);
});

test('a mail server that hangs costs an inspection a second, and the other channels nothing', async () => {
  const smtp = await startSmtp({ onConnect: () => undefined });
  const options = { host: '127.0.0.1', port: smtp.port, user: undefined, password: undefined, ca: undefined };
  const channel = { kind: 'email', name: 'email', from: 'a@example.test', to: [], minimumUrgency: 'low' } as const;
  await start([{ ...channel, smtp: { ...options, security: 'none' } }, LOG]);
  delivery.start();
  await raise('one');
  const started = performance.now();
  await delivery.now();
  expect(performance.now() - started).toBeLessThan(3_000);
  expect(shown).toEqual(['github-one']);
  stopping.abort();
  await delivery.stop();
  await smtp.close();
});

test('a store that fails is told to the service, which must not look alive', async () => {
  await start([LOG]);
  await world.deps.store.close();
  delivery.start();
  await expect.poll(() => failures.length).toBeGreaterThan(0);
  await sleep(0);
  expect(failures[0]).toMatchObject({ code: 'STORE_FAILED' });
});
