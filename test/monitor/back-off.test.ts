import { expect, test } from 'vitest';

import { mayLeaveOut, NO_FAILURES, oneMore, reconnectDelayMs } from '../../src/monitor/back-off.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const random = (byte: number) => ({ bytes: (count: number) => new Uint8Array(count).fill(byte) });

/** The minutes at which a server is asked that fails every time, planned every `gapMs`. */
function asked(gapMs: number, runs: number, maxUncheckedMs: number, byte: number): readonly number[] {
  const minutes: number[] = [];
  let failures = NO_FAILURES;
  for (let planned = 0; minutes.length < runs; planned++) {
    const nowMs = planned * gapMs;
    if (mayLeaveOut(failures, nowMs, { gapMs, maxUncheckedMs })) continue;
    minutes.push(nowMs / MINUTE);
    failures = oneMore(failures, nowMs, random(byte));
  }
  return minutes;
}

test.each([
  ['every minute', MINUTE, [0, 1, 3, 7, 15, 24, 33]],
  ['every 6 minutes', 6 * MINUTE, [0, 6, 12, 18, 24, 30, 36]],
  ['every hour', HOUR, [0, 60, 120, 180, 240, 300, 360]],
])(
  'a failing server that is planned %s is asked with growing gaps, never more than 10 minutes or its interval',
  (_, gapMs, minutes) => {
    expect(asked(gapMs, 7, DAY, 0)).toEqual(minutes);
  },
);

test.each([0, 128, 255])('no gap is longer than 10 minutes, whatever the jitter (%i)', (byte) => {
  for (const gapMs of [MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE, 5 * MINUTE]) {
    const minutes = asked(gapMs, 12, DAY, byte);
    for (const [index, minute] of minutes.slice(1).entries())
      expect(minute - (minutes[index] ?? 0)).toBeLessThanOrEqual(10);
  }
});

test('approvals that lapse soon are not left without tries until then', () => {
  const minutes = asked(MINUTE, 8, 12 * MINUTE, 0);
  for (const [index, minute] of minutes.slice(1).entries())
    expect(minute - (minutes[index] ?? 0)).toBeLessThanOrEqual(3);
});

test('a server that has not failed is never left out', () => {
  expect(mayLeaveOut(NO_FAILURES, 0, { gapMs: MINUTE, maxUncheckedMs: DAY })).toBe(false);
});

test.each([
  [0, 1_000],
  [1, 2_000],
  [5, 32_000],
  [20, 300_000],
])(
  'after %i failures a connection is opened again within %i ms, but never all in one moment',
  (failures, longestMs) => {
    expect(reconnectDelayMs(failures, random(0))).toBe(longestMs);
    expect(reconnectDelayMs(failures, random(255))).toBe(longestMs / 2);
  },
);
