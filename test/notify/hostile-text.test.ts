import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { OutgoingAlert } from '../../src/model/alert.js';
import { parseServerId } from '../../src/model/server-id.js';
import { httpChannel, notifierOf, syslogChannel, WEBHOOK_KINDS } from './channels.js';
import { makeAlert, makeRequest } from './make-alert.js';
import { startSyslog, startWebhook, type SyslogReceiver, type WebhookReceiver } from './receiver.js';
import { type Smtp, startSmtp } from './start-smtp.js';

const SILENT = new AbortController().signal;

/** Never in anything that a channel takes: terminal escapes, reordering, invisible text, line separators, tags. */
const DECEPTIVE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufff9\u{e0000}-\u{e007f}]/u;

/** What a server may write to be obeyed by a chat, a mail program, a terminal or a collector. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['a mention of everybody', 'visible <!channel> <!here> <!everyone> @here @channel <at>everyone</at> <@U0123>'],
  ['a link under other words', 'visible <https://evil.example|approve here> [approve](https://evil.example)'],
  ['a picture', 'visible ![x](https://evil.example/pixel.png) <img src="https://evil.example/pixel.png">'],
  ['a script and a form', 'visible <script>alert(1)</script><form action="https://evil.example"><input></form>'],
  ['markup that is escaped already', 'visible &lt;script&gt; &amp;lt;!channel&amp;gt;'],
  ['a function of a card', 'visible {{DATE(2017-02-14T06:08:39Z, SHORT)}} ${title}'],
  ['a code fence', 'visible ``` \n```\n*bold* _it_ ~no~ > quote\n# heading'],
  ['headers', 'visible\r\nBcc: victim@example.com\r\n\r\nbody'],
  ['another message of the log', 'visible\n<14>1 2026-01-01T00:00:00Z host app - - - all is well\n'],
  ['the end of a parameter', 'visible"] <14>1 forged \\" \\]'],
  ['terminal escapes', 'visible\u001b[2J\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007\u009b31m'],
  ['reordered and hidden text', 'visible \u202egnissim\u202c \u200b\u{e0061}\u{e0062} \u2028 \u2066x\u2069'],
  ['a bare address', 'visible https://evil.example/ www.evil.example evil.example'],
  ['half a character', 'visible \ud800 \udc00'],
  ['NUL', 'visible \0 after'],
  ['a megabyte', `visible ${'x'.repeat(1_000_000)}`],
];

describe('text of a server in an alert is read and never obeyed', () => {
  let webhook: WebhookReceiver;
  let collector: SyslogReceiver;
  let smtp: Smtp;
  beforeAll(async () => {
    [webhook, collector, smtp] = await Promise.all([startWebhook(), startSyslog(), startSmtp({ authOptional: true })]);
  });
  afterAll(() => Promise.all([webhook.close(), collector.close(), smtp.close()]));

  const ALERTS = HOSTILE.flatMap(([name, text]): readonly (readonly [string, OutgoingAlert])[] => [
    [`${name}, in a definition`, alertWith(text)],
    [`${name}, in why a server could not be checked`, outageWith(text.slice(0, 300))],
    [`${name}, in what a channel answered`, channelFailedWith(text.slice(0, 300))],
  ]);

  describe.each(ALERTS)('%s', (_, alert) => {
    test.each(WEBHOOK_KINDS)('%s', async (kind) => {
      await notifierOf(httpChannel(kind, { url: webhook.origin, ca: undefined })).send(alert, SILENT);
      const message = JSON.parse(webhook.posted.at(-1)!.body) as object;
      const texts = textsOf(message);
      // The title, which may be all that a notification shows, is one text of them.
      expect(texts.filter((one) => one.includes('visible')).length).toBeGreaterThan(alert.view === undefined ? 0 : 1);
      for (const one of texts) expect(one).not.toMatch(DECEPTIVE);
      expect(JSON.stringify(message).length).toBeLessThan(200_000);
      if (kind === 'slack') expectNoSlackMarkup(message);
      if (kind === 'teams') expectTextRunsOnly(message);
    });

    test('syslog', async () => {
      const before = collector.messages.length;
      await notifierOf(syslogChannel(collector.port, 'none')).send(alert, SILENT);
      expect(collector.broken).toEqual([]);
      expect(collector.messages).toHaveLength(before + 1);
      const message = collector.messages.at(-1)!;
      const [, parameters, said] =
        /^<\d+>1 \S+ \S+ sealwatch \d+ \S+ \[alert@32473 ((?:[a-z]+="(?:[^"\\\]]|\\["\\\]])*" ?)+)\] \uFEFF(.+)$/su.exec(
          message,
        ) ?? [];
      if (alert.view !== undefined) expect(parameters).toContain('server="github"');
      expect(said).toContain('visible');
      expect(message.replace('\uFEFF', '')).not.toMatch(DECEPTIVE);
      expect(message).not.toContain('\n');
    });

    test('standard output', async () => {
      const written: string[] = [];
      await notifierOf({ kind: 'stdout', name: 'stdout', minimumUrgency: 'info' }, (one) => written.push(one)).send(
        alert,
        SILENT,
      );
      expect(written.join('')).toContain('visible');
      expect(written.join('')).not.toMatch(DECEPTIVE);
      expect(written.join('').length).toBeLessThan(200_000);
    });

    test('e-mail', async () => {
      const login = { user: undefined, password: undefined, ca: undefined };
      const channel = {
        kind: 'email',
        name: 'email',
        minimumUrgency: 'info',
        from: 'sealwatch@example.org',
        to: ['alice@example.com'],
        smtp: { host: '127.0.0.1', port: smtp.port, security: 'none', ...login },
      } as const;
      await notifierOf(channel).send(alert, SILENT);
      const { mail, recipients } = smtp.received.at(-1)!;
      expect(recipients).toEqual(['alice@example.com']);
      expect(mail.headers.has('bcc')).toBe(false);
      const html = mail.html as string;
      for (const one of [mail.subject!, mail.text!, html]) expect(one).not.toMatch(DECEPTIVE);
      expect(mail.text).toContain('visible');
      expect(html).not.toMatch(/<(?:script|img|form|input|iframe|object|svg|at)\b/i);
      const hosts = [...html.matchAll(/href="([^"]*)"/g)].map(([, url]) => new URL(url!).host);
      expect(hosts).toEqual(alert.view === undefined ? [] : ['sealwatch.example.com']);
    });
  });
});

const elsewhere = { view: undefined, link: undefined, inbox: 'https://sealwatch.example.com' };

function outageWith(message: string): OutgoingAlert {
  const since = '2026-11-22T19:00:00.000Z';
  const subject = {
    kind: 'unchecked',
    server: parseServerId('github'),
    since,
    code: 'OBSERVE_EXITED',
    message,
  } as const;
  return makeAlert(makeRequest(), { ...elsewhere, subject });
}

function channelFailedWith(message: string): OutgoingAlert {
  return makeAlert(makeRequest(), { ...elsewhere, subject: { kind: 'channel-failed', channel: 'chat', message } });
}

/** As name, as description and in what a rule quotes. */
function alertWith(text: string): OutgoingAlert {
  const request = makeRequest();
  const [change] = request.changes;
  const [finding] = request.findings;
  return makeAlert(
    {
      ...request,
      changes: [
        {
          ...change!,
          ref: { ...change!.ref, name: text },
          refText: 'github/tool/x',
          because: `the description says ${text.length < 1_000 ? text : 'visible'}`,
          edits: [{ pointer: '/description', before: 'Opens an issue.', after: text }],
        },
      ],
      findings: [{ ...finding!, refText: 'github/tool/x', excerpt: text.slice(0, 300) }],
      target: new Map([['github/tool/x', change!.after!]]),
    },
    { inbox: 'https://sealwatch.example.com' },
  );
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** Slack reads mark-up in `mrkdwn` texts and in the fallback; `plain_text` and rich text know none. */
function expectNoSlackMarkup(message: object): void {
  const { text, blocks } = message as { readonly text: string; readonly blocks: readonly object[] };
  expect(text).not.toMatch(/[<>]/);
  expect(JSON.stringify(blocks)).not.toContain('mrkdwn');
  const kinds = JSON.stringify(blocks).matchAll(/"type":"([^"]*)"/g);
  expect(new Set([...kinds].map(([, kind]) => kind))).toEqual(
    new Set(['header', 'plain_text', 'rich_text', 'rich_text_preformatted', 'text', 'actions', 'button']),
  );
}

/** Teams reads Markdown in text blocks, facts and the like, and functions between double braces everywhere. */
function expectTextRunsOnly(message: object): void {
  const kinds = JSON.stringify(message).matchAll(/"type":"([^"]*)"/g);
  expect(new Set([...kinds].map(([, kind]) => kind))).toEqual(
    new Set(['message', 'AdaptiveCard', 'RichTextBlock', 'TextRun', 'Action.OpenUrl']),
  );
  expect(JSON.stringify(message)).not.toContain('{{');
}
