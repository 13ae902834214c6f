import { describe, expect, test } from 'vitest';

import { type Alerting, DEFAULT_ALERTING, type TimeOfDay } from '../../src/model/alerting.js';
import type { Urgency } from '../../src/model/drift.js';
import { dueAt, dueGathered } from '../../src/monitor/due-at.js';
import { nextTime } from '../../src/monitor/wall-clock.js';

function clock(text: string, timeZone: string): TimeOfDay {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return { hour, minute, timeZone };
}

function alerting(timeZone: string, digest: string, quiet?: readonly [from: string, to: string]): Alerting {
  const quietHours = quiet && { from: clock(quiet[0], timeZone), to: clock(quiet[1], timeZone) };
  return { ...DEFAULT_ALERTING, digest: clock(digest, timeZone), quietHours };
}

describe('the next time that clocks show', () => {
  const cases: readonly (readonly [what: string, time: string, zone: string, from: string, next: string])[] = [
    ['later today', '08:00', 'Europe/Berlin', '2026-01-15T06:30:00.000Z', '2026-01-15T07:00:00.000Z'],
    ['exactly now', '08:00', 'Europe/Berlin', '2026-01-15T07:00:00.000Z', '2026-01-15T07:00:00.000Z'],
    ['tomorrow, a millisecond after', '08:00', 'Europe/Berlin', '2026-01-15T07:00:00.001Z', '2026-01-16T07:00:00.000Z'],
    [
      'today there, tomorrow in UTC',
      '23:30',
      'America/New_York',
      '2026-01-16T01:00:00.000Z',
      '2026-01-16T04:30:00.000Z',
    ],
    ['quarter-hour zones', '08:00', 'Asia/Kathmandu', '2026-01-15T12:00:00.000Z', '2026-01-16T02:15:00.000Z'],
    ['midnight', '00:00', 'Asia/Kathmandu', '2026-01-15T12:00:00.000Z', '2026-01-15T18:15:00.000Z'],
    ['across the spring change', '08:00', 'Europe/Berlin', '2026-03-28T12:00:00.000Z', '2026-03-29T06:00:00.000Z'],
    ['across the autumn change', '08:00', 'Europe/Berlin', '2026-10-24T12:00:00.000Z', '2026-10-25T07:00:00.000Z'],
    [
      'a time that spring leaves out: when the clocks move',
      '02:30',
      'Europe/Berlin',
      '2026-03-28T12:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'a time that autumn shows twice: first',
      '02:30',
      'Europe/Berlin',
      '2026-10-24T12:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'a time that autumn shows twice: again',
      '02:30',
      'Europe/Berlin',
      '2026-10-25T00:30:00.001Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'half an hour of summer time',
      '02:15',
      'Australia/Lord_Howe',
      '2026-10-03T12:00:00.000Z',
      '2026-10-03T15:30:00.000Z',
    ],
    [
      'a day that a zone left out: when it did',
      '08:00',
      'Pacific/Apia',
      '2011-12-29T19:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
    ],
  ];
  test.each(cases)('%s: %s in %s', (_what, time, zone, from, next) => {
    expect(nextTime(clock(time, zone), new Date(from)).toISOString()).toBe(next);
  });

  test('the zone of the machine, where none is given', () => {
    const next = nextTime({ hour: 8, minute: 0, timeZone: undefined }, new Date('2026-01-15T06:30:00.000Z'));
    expect([next.getHours(), next.getMinutes()]).toEqual([8, 0]);
  });

  test('a clock that is asked for every time of a year of changes never answers an earlier moment or one over 25 hours on', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      for (let hour = 0; hour < 24 * 365; hour += 7) {
        const from = new Date(Date.UTC(2026, 0, 1, hour, 13));
        const next = nextTime(clock('02:30', zone), from).getTime() - from.getTime();
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThanOrEqual(25 * 60 * 60_000);
      }
    }
  });
});

describe('an alert is due', () => {
  const night = alerting('Europe/Berlin', '08:00', ['22:00', '07:00']);
  const noon = alerting('Europe/Berlin', '12:30', ['12:00', '13:00']);
  const early = alerting('Europe/Berlin', '06:00', ['22:00', '07:00']);
  const cases: readonly (readonly [what: string, urgency: Urgency, set: Alerting, now: string, due: object])[] = [
    ['critical at once', 'critical', night, '2026-01-15T12:00:00.000Z', {}],
    ['high at once', 'high', night, '2026-01-15T12:00:00.000Z', {}],
    [
      'low with the digest',
      'low',
      night,
      '2026-01-15T12:00:00.000Z',
      { notBefore: '2026-01-16T07:00:00.000Z', inDigest: true },
    ],
    ['critical in quiet hours at once', 'critical', night, '2026-01-15T22:30:00.000Z', {}],
    [
      'high before midnight at the end of the night',
      'high',
      night,
      '2026-01-15T22:30:00.000Z',
      { notBefore: '2026-01-16T06:00:00.000Z', inDigest: true },
    ],
    [
      'high after midnight at the end of the same night',
      'high',
      night,
      '2026-01-16T01:30:00.000Z',
      { notBefore: '2026-01-16T06:00:00.000Z', inDigest: true },
    ],
    [
      'high in the first minute of the night',
      'high',
      night,
      '2026-01-15T21:00:00.000Z',
      { notBefore: '2026-01-16T06:00:00.000Z', inDigest: true },
    ],
    ['high in the minute in which the night ends', 'high', night, '2026-01-16T06:00:00.000Z', {}],
    [
      'a digest that falls into the night after it',
      'low',
      early,
      '2026-01-15T12:00:00.000Z',
      { notBefore: '2026-01-16T06:00:00.000Z', inDigest: true },
    ],
    [
      'quiet hours within a day',
      'high',
      noon,
      '2026-01-15T11:15:00.000Z',
      { notBefore: '2026-01-15T12:00:00.000Z', inDigest: true },
    ],
    [
      'a digest within them',
      'info',
      noon,
      '2026-01-15T10:00:00.000Z',
      { notBefore: '2026-01-15T12:00:00.000Z', inDigest: true },
    ],
    [
      'the night that spring shortens',
      'high',
      night,
      '2026-03-28T22:30:00.000Z',
      { notBefore: '2026-03-29T05:00:00.000Z', inDigest: true },
    ],
    [
      'the night that autumn prolongs',
      'high',
      night,
      '2026-10-24T22:30:00.000Z',
      { notBefore: '2026-10-25T06:00:00.000Z', inDigest: true },
    ],
    [
      'the hour that autumn repeats, in a night that ends in it',
      'high',
      alerting('Europe/Berlin', '08:00', ['22:00', '02:30']),
      '2026-10-25T01:15:00.000Z',
      { notBefore: '2026-10-25T01:30:00.000Z', inDigest: true },
    ],
    [
      'a night that ends in the hour that spring leaves out',
      'high',
      alerting('Europe/Berlin', '08:00', ['22:00', '02:30']),
      '2026-03-29T00:59:00.000Z',
      { notBefore: '2026-03-29T01:00:00.000Z', inDigest: true },
    ],
    [
      'a night in Kathmandu',
      'high',
      alerting('Asia/Kathmandu', '08:00', ['22:00', '07:00']),
      '2026-01-15T16:30:00.000Z',
      { notBefore: '2026-01-16T01:15:00.000Z', inDigest: true },
    ],
  ];
  test.each(cases)('%s', (_what, urgency, set, now, due) => {
    expect(dueAt(urgency, set, new Date(now))).toEqual(due);
  });

  test('gathered: with others from a moment on, critical in the night too', () => {
    const at = new Date('2026-01-15T22:30:00.000Z');
    expect(dueGathered('critical', night, at)).toEqual({ notBefore: '2026-01-15T22:30:00.000Z', inDigest: true });
    expect(dueGathered('high', night, at)).toEqual({ notBefore: '2026-01-16T06:00:00.000Z', inDigest: true });
  });
});
