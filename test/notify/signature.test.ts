import { createHmac, timingSafeEqual } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { httpChannel, notifierOf, SECRET } from './channels.js';
import { makeAlert, makeRequest } from './make-alert.js';
import { type Posted, startWebhook, type WebhookReceiver } from './receiver.js';

const NOW = Date.parse('2026-11-23T08:00:00.000Z');

let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await startWebhook();
});
afterAll(() => receiver.close());

async function send(alert = makeAlert()): Promise<Posted> {
  const channel = httpChannel('webhook', { url: `${receiver.origin}/hook`, ca: undefined });
  await notifierOf(channel).send(alert, new AbortController().signal);
  return receiver.posted.at(-1)!;
}

/** As the documentation tells a receiver to check it. */
function isGenuine({ headers, body }: Posted, secret: string, now: number): boolean {
  const timestamp = String(headers['sealwatch-timestamp']);
  if (Math.abs(now / 1000 - Number(timestamp)) > 300) return false;
  const expected = Buffer.from(`v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`);
  const given = Buffer.from(String(headers['sealwatch-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

test('a message is genuine by its signature', async () => {
  expect(isGenuine(await send(), SECRET, NOW)).toBe(true);
});

test.each<readonly [string, (posted: Posted) => Posted, string, number]>([
  ['another body', (one) => ({ ...one, body: one.body.replace('critical', 'info') }), SECRET, NOW],
  ['another key', (one) => one, `${SECRET}x`, NOW],
  ['an old message sent again', (one) => one, SECRET, NOW + 301_000],
  [
    'an old message with a new time',
    (one) => ({ ...one, headers: { ...one.headers, 'sealwatch-timestamp': String(NOW / 1000 + 301) } }),
    SECRET,
    NOW + 301_000,
  ],
  ['no signature', (one) => ({ ...one, headers: { ...one.headers, 'sealwatch-signature': '' } }), SECRET, NOW],
])('%s is not genuine', async (_, change, secret, now) => {
  expect(isGenuine(change(await send()), secret, now)).toBe(false);
});

test('the same alert sent again has the same delivery id, another one another', async () => {
  const ids = [];
  for (const alert of [makeAlert(), makeAlert(), makeAlert(makeRequest('other', { id: 13 }))])
    ids.push((await send(alert)).headers['sealwatch-delivery']);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});
