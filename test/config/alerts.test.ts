import { describe, expect, test } from 'vitest';

import { load, refusal } from './world.js';

const CHANNELS = 'notify:\n  stdout:\n';

describe('alerts', () => {
  test('without the section: high and critical at once, a digest at eight, a reminder a day', () => {
    expect(load('servers: {}\n').alerting).toEqual({
      routes: [],
      digest: { hour: 8, minute: 0, timeZone: undefined },
      atOnce: ['critical', 'high'],
      quietHours: undefined,
      remindAfterMs: 86_400_000,
      escalation: undefined,
      certificateWarningMs: 1_209_600_000,
    });
  });

  test('with everything that it can say', () => {
    const text = `${CHANNELS}alerts:
  timeZone: Europe/Berlin
  atOnce: [critical]
  digest: "09:30"
  quietHours: { from: "22:00", to: 07:00 }
  remindAfter: 12h
  escalate: { after: 48h, channels: [stdout] }
  certificateWarning: 30d
  routes:
    - servers: [payments-*, "\${TEAM}"]
      labels: { team: payments }
      classes: [instruction, hidden-text]
      minimumUrgency: high
      channels: [stdout]
    - channels: []
`;
    const timeZone = 'Europe/Berlin';
    expect(load(text, { TEAM: 'books' }).alerting).toEqual({
      routes: [
        {
          servers: ['payments-*', 'books'],
          labels: { team: 'payments' },
          classes: ['instruction', 'hidden-text'],
          minimumUrgency: 'high',
          channels: ['stdout'],
        },
        { servers: undefined, labels: {}, classes: undefined, minimumUrgency: undefined, channels: [] },
      ],
      digest: { hour: 9, minute: 30, timeZone },
      atOnce: ['critical'],
      quietHours: { from: { hour: 22, minute: 0, timeZone }, to: { hour: 7, minute: 0, timeZone } },
      remindAfterMs: 43_200_000,
      escalation: { afterMs: 172_800_000, channels: ['stdout'] },
      certificateWarningMs: 2_592_000_000,
    });
  });

  test('a time zone is that of the default digest too, and reminders can be turned off', () => {
    const { alerting } = load('alerts: { timeZone: Pacific/Auckland, remindAfter: never }\n');
    expect(alerting.digest).toEqual({ hour: 8, minute: 0, timeZone: 'Pacific/Auckland' });
    expect(alerting.remindAfterMs).toBeUndefined();
  });
});

const CASES: readonly (readonly [name: string, text: string, ...refusal: string[]])[] = [
  [
    'times and zones that do not exist',
    'alerts:\n  timeZone: Europe/Berlln\n  digest: "8:00"\n  quietHours: { from: "24:00", to: "07:60" }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:13: alerts.timeZone: must be a time zone such as Europe/Berlin, is "Europe/Berlln"',
    'sealwatch.yaml:3:11: alerts.digest: must be a time of day from "00:00" to "23:59", such as "08:00", is "8:00"',
    'sealwatch.yaml:4:23: alerts.quietHours.from: must be a time of day from "00:00" to "23:59", such as "08:00", is "24:00"',
    'sealwatch.yaml:4:36: alerts.quietHours.to: must be a time of day from "00:00" to "23:59", such as "08:00", is "07:60"',
  ],
  [
    'quiet hours without a length',
    'alerts:\n  quietHours: { from: "22:00", to: "22:00" }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:3: alerts.quietHours: begin and end at the same time: leave them out, or give them a length',
  ],
  [
    'channels that are not configured',
    `${CHANNELS}alerts:\n  routes:\n    - channels: [stdout, stdot]\n    - channels: [slack]\n  escalate: { after: 1h, channels: [pager] }\n`,
    'CONFIG_INVALID',
    'sealwatch.yaml:5:26: alerts.routes[0].channels[1]: no channel "stdot", did you mean "stdout"? (there are: stdout)',
    'sealwatch.yaml:6:18: alerts.routes[1].channels[0]: no channel "slack" (there are: stdout)',
    'sealwatch.yaml:7:37: alerts.escalate.channels[0]: no channel "pager" (there are: stdout)',
  ],
  [
    'channels where none is configured at all',
    'alerts:\n  routes: [{ channels: [email] }]\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:25: alerts.routes[0].channels[0]: no channel "email" (none is configured under notify)',
  ],
  [
    'a route that says nothing about where, and classes that do not exist',
    'alerts:\n  routes:\n    - classes: [instructions]\n      servers: [Payments]\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:3:7: alerts.routes[0].channels: is missing: must be a list',
    'sealwatch.yaml:3:17: alerts.routes[0].classes[0]: must be one of hidden-text, instruction, identity, capability, destination, rename, narrowing, removal, wording, cosmetic, is "instructions"',
  ],
  [
    'a pattern that no server can have',
    `${CHANNELS}alerts:\n  routes: [{ servers: ["Payments*"], channels: [] }]\n`,
    'CONFIG_INVALID',
    `sealwatch.yaml:4:24: alerts.routes[0].servers[0]: must be a server's id, in which * stands for any characters, is "Payments*"`,
  ],
  [
    'critical alerts that wait for a digest',
    'alerts:\n  atOnce: [high]\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:11: alerts.atOnce: must contain critical: what is critical does not wait for a digest',
  ],
  [
    'an escalation to nobody',
    'alerts:\n  escalate: { after: "1h", channels: [] }\n',
    'CONFIG_INVALID',
    'sealwatch.yaml:2:38: alerts.escalate.channels: must be at least 1 entry',
  ],
  [
    'lengths of time that cannot be read',
    `${CHANNELS}alerts:\n  remindAfter: daily\n  certificateWarning: 2w\n  escalate: { after: "0h", channels: [stdout] }\n`,
    'CONFIG_INVALID',
    'sealwatch.yaml:4:16: alerts.remindAfter: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "daily"',
    'sealwatch.yaml:5:23: alerts.certificateWarning: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "2w"',
    'sealwatch.yaml:6:22: alerts.escalate.after: must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is "0h"',
  ],
];

test.each(CASES)('refuses %s', (_name, text, ...expected) => {
  expect(refusal(text)).toEqual(expected);
});
