import { describe, expect, test } from 'vitest';

import type { NewAlert } from '../../src/model/alert.js';
import { type Alerting, DEFAULT_ALERTING, type Route } from '../../src/model/alerting.js';
import type { ChangeRequest } from '../../src/model/change-request.js';
import type { Channel } from '../../src/model/channel.js';
import type { ChangeClass, Urgency } from '../../src/model/drift.js';
import type { Checked, Transition } from '../../src/model/inspection.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { LastCheck } from '../../src/ports.js';
import { certificateAlerts, channelAlerts, requestAlerts, uncheckedAlerts } from '../../src/monitor/alert.js';
import { makeRequest } from '../notify/make-alert.js';

const GITHUB = { id: parseServerId('github'), labels: {}, maxUncheckedMs: 3_600_000 };
const AT = '2026-11-22T20:15:00.000Z';
const KNOWN: LastCheck = { at: AT, key: 'k', rawDigest: 'r', snapshotDigest: 's', checks: 7 };

const CHANNELS: readonly Channel[] = [
  { kind: 'stdout', name: 'log', minimumUrgency: 'info' },
  { kind: 'stdout', name: 'pager', minimumUrgency: 'critical' },
];

function deps(alerting: Partial<Alerting> = {}): {
  readonly alerting: Alerting;
  readonly channels: readonly Channel[];
} {
  return { alerting: { ...DEFAULT_ALERTING, ...alerting }, channels: CHANNELS };
}

function request(urgency: Urgency, one: ChangeClass, part: Partial<ChangeRequest> = {}): ChangeRequest {
  const made = makeRequest('create_issue', { urgency, ...part });
  return { ...made, changes: made.changes.map((change) => ({ ...change, class: one, urgency })) };
}

/** The alerts of an inspection that asks for `requested` while `open` is open. */
function alertsOf(
  kind: Transition['kind'],
  requested: ChangeRequest,
  open: ChangeRequest | undefined,
  options: {
    readonly alerting?: Partial<Alerting>;
    readonly last?: LastCheck | undefined;
    readonly toldOn?: readonly string[];
  } = {},
): readonly NewAlert[] {
  const checked = { server: GITHUB.id, at: AT, requested } as unknown as Checked;
  const standing = { open, last: 'last' in options ? options.last : KNOWN };
  const transition = { kind, request: 12, supersedes: undefined } as Transition;
  return requestAlerts(checked, transition, GITHUB, { standing, toldOn: options.toldOn ?? [] }, deps(options.alerting));
}

function names(alerts: readonly NewAlert[]): readonly string[] {
  return alerts.map(({ to }) => to.map(({ channel }) => channel).join(' '));
}

describe('a request is told', () => {
  test('when it opens', () => {
    expect(alertsOf('open', request('high', 'capability'), undefined)).toEqual([
      {
        subject: { kind: 'change-request' },
        urgency: 'high',
        dedupKey: `request github sha256:${'a'.repeat(64)} 2026-11-22T20:15:00.000Z`,
        to: [{ channel: 'log', recipient: '' }],
      },
    ]);
  });

  test('gathered with the others, when its server was never seen before: a first run over 500 servers is one message', () => {
    const [alert] = alertsOf('open', request('critical', 'instruction'), undefined, { last: undefined });
    expect(alert?.to).toEqual([
      { channel: 'log', recipient: '', notBefore: '2026-11-22T20:15:00.000Z', inDigest: true },
      { channel: 'pager', recipient: '', notBefore: '2026-11-22T20:15:00.000Z', inDigest: true },
    ]);
  });

  test('not again while it asks for the same', () => {
    expect(alertsOf('keep', request('high', 'capability'), request('high', 'capability'))).toEqual([]);
  });

  test('once more, when new rules find it more urgent than before, also if it is found so again and again', () => {
    const [alert, ...more] = alertsOf('keep', request('critical', 'instruction'), request('low', 'wording'));
    expect(more).toEqual([]);
    expect(alert?.urgency).toBe('critical');
    expect(alert?.dedupKey).toBe(`request github sha256:${'a'.repeat(64)} request 12 is critical`);
    expect(names([alert!])).toEqual(['log pager']);
  });

  test('not when it drifts on to what is no more urgent', () => {
    const toldOn = ['log', 'pager'];
    expect(alertsOf('supersede', request('high', 'rename'), request('high', 'capability'), { toldOn })).toEqual([]);
  });

  test('when it drifts on to what is more urgent', () => {
    expect(names(alertsOf('supersede', request('critical', 'instruction'), request('high', 'rename')))).toEqual([
      'log pager',
    ]);
  });

  test('to those who heard nothing yet, when it drifts on from what a route silences: a server could begin with that', () => {
    const silence: Route = {
      servers: undefined,
      labels: {},
      classes: ['wording'],
      minimumUrgency: undefined,
      channels: [],
    };
    const alerting = { routes: [silence], atOnce: ['low'] } as const;
    expect(names(alertsOf('supersede', request('low', 'removal'), request('low', 'wording'), { alerting }))).toEqual([
      'log',
    ]);
    expect(names(alertsOf('open', request('low', 'wording'), undefined, { alerting }))).toEqual(['']);
  });
});

describe('an outage', () => {
  const unchecked = { kind: 'unchecked', server: GITHUB.id, vantage: 'default', at: AT, durationMs: 1 } as const;
  const failure = { ...unchecked, code: 'OBSERVE_TIMEOUT', message: 'no answer' } as const;

  test('waits for half a minute to a minute, so that those of one moment are one message', () => {
    const dueAfter = (at: string): string | undefined => {
      const standing = { outage: undefined, last: { ...KNOWN, at } };
      return uncheckedAlerts({ ...failure, at }, GITHUB, standing, deps())[0]?.to[0]?.notBefore;
    };
    expect(dueAfter('2026-11-22T20:15:00.000Z')).toBe('2026-11-22T20:15:30.000Z');
    expect(dueAfter('2026-11-22T20:15:00.001Z')).toBe('2026-11-22T20:16:00.000Z');
    expect(dueAfter('2026-11-22T20:15:29.999Z')).toBe('2026-11-22T20:16:00.000Z');
  });

  test('is told once more, as critical, when nothing is vouched for any longer', () => {
    const since = '2026-11-22T19:20:00.000Z';
    const standing = {
      outage: { since, failures: 9, code: 'OBSERVE_TIMEOUT', message: 'no answer' },
      last: { ...KNOWN, at: '2026-11-22T19:15:00.000Z' },
    } as const;
    const alerts = uncheckedAlerts(failure, GITHUB, standing, deps());
    expect(alerts.map(({ subject, urgency, dedupKey }) => [subject.kind, urgency, dedupKey])).toEqual([
      ['unchecked', 'high', 'unchecked github 2026-11-22T19:20:00.000Z'],
      ['unchecked-too-long', 'critical', 'unchecked too long github 2026-11-22T19:15:00.000Z'],
    ]);
    expect(names(alerts)).toEqual(['log', 'log pager']);
  });
});

describe('a certificate', () => {
  const expiresAt = '2026-12-01T00:00:00.000Z';
  const cases: readonly (readonly [what: string, now: string, urgency: Urgency | undefined, names: string])[] = [
    ['with time left is no alert, but a change', '2026-11-29T23:59:59.999Z', undefined, ''],
    ['on its last day', '2026-11-30T00:00:00.000Z', 'critical', 'log pager'],
    ['that has ended', '2026-12-02T00:00:00.000Z', 'critical', 'log pager'],
  ];
  test.each(cases)('%s', (_what, now, urgency, told) => {
    const [alert] = certificateAlerts(GITHUB, expiresAt, new Date(now), deps());
    expect(alert?.urgency).toBe(urgency);
    expect(names(alert === undefined ? [] : [alert]).join()).toBe(told);
  });

  test('is one alert however often it is looked at, and one more on its last day; of our own pages all channels hear', () => {
    const key = (now: string): string | undefined =>
      certificateAlerts('serve', expiresAt, new Date(now), deps())[0]?.dedupKey;
    expect(key('2026-11-16T23:59:59.999Z')).toBeUndefined();
    expect(key('2026-11-18T00:00:00.000Z')).toBe('certificate of the pages 2026-12-01T00:00:00.000Z high');
    expect(key('2026-11-29T00:00:00.000Z')).toBe('certificate of the pages 2026-12-01T00:00:00.000Z high');
    expect(key('2026-11-30T12:00:00.000Z')).toBe('certificate of the pages 2026-12-01T00:00:00.000Z critical');
    expect(names(certificateAlerts('serve', expiresAt, new Date('2026-11-18T00:00:00.000Z'), deps()))).toEqual([
      'log pager',
    ]);
  });
});

test('a channel that fails is told on all the others, once a day', () => {
  const [alert] = channelAlerts('log', 'refused', new Date(AT), deps());
  expect(alert?.dedupKey).toBe('channel log 2026-11-22');
  expect(names([alert!])).toEqual(['pager']);
});
