import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { codeOf, messageOf } from '../../src/errors.js';
import type { Notifier } from '../../src/ports.js';
import { httpChannel, notifierOf, ROUTING_KEY, SECRET, SECRET_PATH, syslogChannel, WEBHOOK_KINDS } from './channels.js';
import { makeAlert } from './make-alert.js';
import { makeCertificate } from '../make-certificate.js';
import { type Answer, CERTIFICATE, startSyslog, startWebhook, type WebhookReceiver } from './receiver.js';

const SILENT = new AbortController().signal;

describe.each(WEBHOOK_KINDS)('%s: what is not taken is a failure that says why and nothing secret', (kind) => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhook();
  });
  afterEach(() => receiver.close());

  const at = (origin: string, ca?: string): Notifier =>
    notifierOf(httpChannel(kind, { url: `${origin}${SECRET_PATH}?token=S3CR3T-TOKEN&sig=S3CR3T%2FSIGN`, ca }));

  const ANSWERS: readonly (readonly [string, Answer, RegExp])[] = [
    ['400', { status: 400, body: 'invalid_payload' }, /answered 400: "invalid_payload"$/],
    ['401', { status: 401 }, /answered 401$/],
    ['403', { status: 403, body: 'invalid_token' }, /answered 403: "invalid_token"$/],
    ['404', { status: 404, body: 'no_team' }, /answered 404/],
    ['410', { status: 410, body: 'channel_is_archived' }, /answered 410/],
    ['413', { status: 413 }, /answered 413/],
    ['429', { status: 429, headers: { 'retry-after': '30' }, body: 'rate limited' }, /answered 429/],
    ['500', { status: 500, body: 'x'.repeat(100_000) }, /answered 500: "x{100,200}…"/],
    ['503', { status: 503 }, /answered 503$/],
    ['a redirect', { status: 307, headers: { location: 'https://elsewhere.example/' } }, /answered 307/],
    ['an answer that is cut', 'cut', /cannot be reached/],
    [
      'an answer that repeats the address',
      { status: 400, body: `no service at ${SECRET_PATH}?token=S3CR3T-TOKEN&sig=S3CR3T%2FSIGN` },
      /answered 400: "no service at \[address\]"$/,
    ],
    [
      'an answer that repeats a part of the address as it is written',
      { status: 400, body: 'bad sig=S3CR3T%2FSIGN' },
      /answered 400: "bad sig=\[address\]"$/,
    ],
    [
      'an answer for a terminal',
      { status: 400, body: '\u001b[2J\u202eno\nsuch' },
      /answered 400: "\\u\{1b\}\[2J\\u\{202e\}no\\nsuch"$/,
    ],
  ];

  test.each(ANSWERS)('%s', async (_, answer, why) => {
    receiver.answer = answer;
    await expectFailure(at(receiver.origin).send(makeAlert(), SILENT), why);
    expect(receiver.posted).toHaveLength(1);
  });

  test('nobody listens', async () => {
    await expectFailure(at('http://127.0.0.1:9').send(makeAlert(), SILENT), /127\.0\.0\.1:9 cannot be reached/);
  });

  test('a name that does not exist', async () => {
    await expectFailure(at('https://nowhere.invalid').send(makeAlert(), SILENT), /nowhere\.invalid cannot be reached/);
  });

  test('a certificate that nobody vouches for, and one of another name', async () => {
    const foreign = makeCertificate({ dns: 'elsewhere.example' });
    for (const [tls, ca] of [
      [CERTIFICATE, undefined],
      [CERTIFICATE, foreign.cert],
      [foreign, foreign.cert],
    ] as const) {
      const other = await startWebhook({ tls });
      await expectFailure(at(other.origin, ca).send(makeAlert(), SILENT), /cannot be reached/);
      expect(other.posted).toEqual([]);
      await other.close();
    }
  });

  test('silence, until the one who waits gives up', async () => {
    receiver.answer = 'silence';
    const patience = new AbortController();
    const sending = at(receiver.origin).send(makeAlert(), patience.signal);
    await expect.poll(() => receiver.posted.length).toBe(1);
    patience.abort();
    await expectFailure(sending, /cannot be reached/);
  });
});

test('a key that PagerDuty repeats is not in the failure', async () => {
  const receiver = await startWebhook();
  receiver.answer = { status: 400, body: `invalid key ${ROUTING_KEY}` };
  const notifier = notifierOf(httpChannel('pagerduty', { url: receiver.origin, ca: undefined }));
  await expectFailure(notifier.send(makeAlert(), SILENT), /answered 400: "invalid key \[key\]"$/);
  await receiver.close();
});

describe('syslog', () => {
  const foreign = makeCertificate({ dns: 'elsewhere.example' });

  test('nobody listens', async () => {
    const sending = notifierOf(syslogChannel(9, 'none')).send(makeAlert(), SILENT);
    await expectFailure(sending, /^syslog: 127\.0\.0\.1:9: "connect ECONNREFUSED/);
  });

  test.each([
    ['that nobody vouches for', CERTIFICATE, undefined],
    ['of another authority', CERTIFICATE, foreign.cert],
    ['of another name', foreign, foreign.cert],
  ])('a certificate %s', async (_, tls, ca) => {
    const collector = await startSyslog({ tls });
    const sending = notifierOf(syslogChannel(collector.port, 'tls', ca)).send(makeAlert(), SILENT);
    await expectFailure(sending, /^syslog: 127\.0\.0\.1:\d+: "/);
    expect(collector.messages).toEqual([]);
    await collector.close();
  });

  test('a collector that never ends the connection', async () => {
    const silent = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const patience = new AbortController();
    const connected = new Promise<Socket>((resolve) => silent.once('connection', resolve));
    const sending = notifierOf(syslogChannel(port, 'none')).send(makeAlert(), patience.signal);
    const socket = await connected;
    patience.abort();
    await expectFailure(sending, /no answer in time/);
    socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

async function expectFailure(action: Promise<unknown>, why: RegExp): Promise<void> {
  const error = await action.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect([codeOf(error), messageOf(error)]).toEqual(['NOTIFY_FAILED', expect.stringMatching(why)]);
  // As a log would show it, causes and all.
  const everything = inspect(error, { depth: 10, showHidden: true });
  for (const secret of [
    SECRET_PATH,
    'xoxSECRET',
    'S3CR3T-TOKEN',
    'S3CR3T%2FSIGN',
    SECRET,
    ROUTING_KEY,
    'LINK-OF-ALICE',
  ])
    expect(everything).not.toContain(secret);
  expect(messageOf(error).length).toBeLessThan(400);
}
