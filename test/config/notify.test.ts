import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { loadConfig } from '../../src/config/load-config.js';
import { makeCertificate } from '../make-certificate.js';
import { inFolder, load, refusal } from './world.js';

const KEY = 'k'.repeat(32);
const URL = 'https://chat.example.com/hooks/T0';

describe('a channel', () => {
  const target = { url: URL, ca: undefined };
  test.each<readonly [string, string, object]>([
    ['slack', `{ url: "\${HOOK}" }`, { kind: 'slack', name: 'slack', minimumUrgency: 'info', target }],
    [
      'teams',
      `{ url: "\${HOOK}", minimumUrgency: high }`,
      { kind: 'teams', name: 'teams', minimumUrgency: 'high', target },
    ],
    [
      'webhook',
      `{ url: "\${HOOK}", secret: "\${KEY}", name: siem }`,
      { kind: 'webhook', name: 'siem', minimumUrgency: 'info', target, secret: KEY },
    ],
    [
      'pagerduty',
      `{ routingKey: "\${KEY}" }`,
      {
        kind: 'pagerduty',
        name: 'pagerduty',
        minimumUrgency: 'high',
        target: { url: 'https://events.pagerduty.com/v2/enqueue', ca: undefined },
        routingKey: KEY,
      },
    ],
    [
      'syslog',
      '{ host: log.example.com }',
      {
        kind: 'syslog',
        name: 'syslog',
        minimumUrgency: 'info',
        host: 'log.example.com',
        port: 6514,
        security: 'tls',
        ca: undefined,
      },
    ],
    [
      'syslog',
      '{ host: localhost, security: none }',
      {
        kind: 'syslog',
        name: 'syslog',
        minimumUrgency: 'info',
        host: 'localhost',
        port: 601,
        security: 'none',
        ca: undefined,
      },
    ],
  ])('%s: %s', (kind, entry, channel) => {
    expect(load(`notify: { ${kind}: ${entry} }`, { HOOK: URL, KEY }).channels).toEqual([channel]);
  });

  test('of each kind there may be several, with names of their own', () => {
    const { channels } = load(
      `notify:\n  slack:\n    - { name: payments, url: "${URL}" }\n    - { name: security, url: "${URL}" }\n  stdout:\n`,
    );
    expect(channels.map(({ kind, name }) => [kind, name])).toEqual([
      ['slack', 'payments'],
      ['slack', 'security'],
      ['stdout', 'stdout'],
    ]);
  });

  test('takes a private authority from a file beside the configuration', () => {
    const { cert } = makeCertificate({ dns: 'chat.example.com' });
    inFolder((folder) => {
      writeFileSync(join(folder, 'ca.pem'), cert);
      writeFileSync(join(folder, 'sealwatch.yaml'), `notify: { slack: { url: "${URL}", ca: ca.pem } }`);
      const { channels } = loadConfig({ file: undefined, cwd: folder, env: {}, stateDir: undefined });
      expect(channels).toMatchObject([{ target: { ca: cert } }]);
    });
  });
});

test.each<readonly [string, string, ...(readonly string[])]>([
  [
    'an unknown kind',
    'notify: { discord: {} }',
    'sealwatch.yaml:1:11: notify.discord: unknown key "discord" (allowed: email, slack, teams, webhook, pagerduty, syslog, stdout)',
  ],
  [
    'what is missing',
    'notify: { webhook: {}, syslog: {} }',
    'sealwatch.yaml:1:11: notify.webhook.url: is missing: must be text',
    'sealwatch.yaml:1:11: notify.webhook.secret: is missing: must be text',
    'sealwatch.yaml:1:24: notify.syslog.host: is missing: must be text',
  ],
  [
    'two of one name',
    `notify:\n  slack: { url: "${URL}", name: room }\n  teams: { url: "${URL}", name: room }\n`,
    'sealwatch.yaml:3:3: notify.teams: is called "room" like notify.slack: give it a name of its own',
  ],
  [
    'a name that a log would have to quote',
    `notify: { slack: { url: "${URL}", name: "the room" } }`,
    'sealwatch.yaml:1:68: notify.slack.name: must be lower-case letters, digits and -, is "the room"',
  ],
  [
    'a variable that is not set',
    'notify: { slack: { url: "${HOOK}" } }',
    'sealwatch.yaml:1:25: notify.slack.url: the environment variable HOOK is not set: set it, or write ${HOOK:-default}',
  ],
  [
    'http to another machine, and a password in an address, without repeating the address',
    'notify:\n  slack: { url: "http://chat.example.com/SECRET" }\n  teams: { url: "https://user:SECRET@chat.example.com/" }\n',
    'sealwatch.yaml:2:17: notify.slack.url: must start with https:// (http is for this machine only)',
    'sealwatch.yaml:3:17: notify.teams.url: must be an https:// address without user and password',
  ],
  [
    'keys that are too short, without repeating them',
    `notify:\n  webhook: { url: "${URL}", secret: SHORT }\n  pagerduty: { routingKey: SHORT }\n`,
    'sealwatch.yaml:2:64: notify.webhook.secret: must have at least 16 characters',
    'sealwatch.yaml:3:28: notify.pagerduty.routingKey: must be an integration key of 32 letters and digits',
  ],
  [
    'syslog readable over the network',
    'notify: { syslog: { host: log.example.com, security: none } }',
    'sealwatch.yaml:1:54: notify.syslog.security: none sends alerts readable over the network: use tls (none is for this machine only)',
  ],
])('refused: %s', (_, text, ...lines) => {
  expect(refusal(text)).toEqual([expect.stringMatching(/^CONFIG_/), ...lines]);
});
