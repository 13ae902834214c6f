import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { startTimer, type Tick } from '../../src/monitor/timer.js';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function deps(byte: number) {
  const startedAt = Date.now();
  return {
    clock: { now: () => new Date(), monotonicMs: () => Date.now() - startedAt },
    random: { bytes: (count: number) => new Uint8Array(count).fill(byte) },
  };
}

/** The seconds at which a schedule ticks. */
async function seconds(
  schedule: Parameters<typeof startTimer>[0],
  part: number,
  byte: number,
  forMs: number,
): Promise<{ readonly at: readonly number[]; readonly ticks: readonly Tick[] }> {
  const startedAt = Date.now();
  const at: number[] = [];
  const ticks: Tick[] = [];
  const stop = startTimer(
    schedule,
    { startMs: 0, part },
    (tick) => {
      at.push(Math.round((Date.now() - startedAt) / 100) / 10);
      ticks.push(tick);
    },
    deps(byte),
  );
  await vi.advanceTimersByTimeAsync(forMs);
  stop();
  const before = at.length;
  await vi.advanceTimersByTimeAsync(forMs);
  expect(at.length).toBe(before);
  return { at, ticks };
}

test('servers of one interval are asked one after the other, each at the same distance', async () => {
  const every = { kind: 'every', intervalMs: MINUTE } as const;
  expect((await seconds(every, 0.25, 0, 3 * MINUTE)).at).toEqual([15, 75, 135]);
  expect((await seconds(every, 0.5, 0, 3 * MINUTE)).at).toEqual([30, 90, 150]);
});

test('jitter is a tenth of the interval at most, and does not add up', async () => {
  const every = { kind: 'every', intervalMs: MINUTE } as const;
  expect((await seconds(every, 0.5, 255, 4 * MINUTE)).at).toEqual([36, 96, 156, 216]);
});

test('jitter is half a minute at most', async () => {
  const hourly = { kind: 'every', intervalMs: 60 * MINUTE } as const;
  expect((await seconds(hourly, 1, 255, 130 * MINUTE)).at).toEqual([3630, 7230]);
});

test('a cron expression has jitter too, in its time zone', async () => {
  const expression = { kind: 'cron', expression: '30 * * * *', timeZone: 'Asia/Kolkata' } as const;
  // 00:00 in UTC is 05:30 there.
  const { at, ticks } = await seconds(expression, 0, 255, 121 * MINUTE);
  expect(at).toEqual([3630, 7230]);
  expect(ticks[0]?.gapMs).toBeGreaterThan(59 * MINUTE);
});

test('how late a tick is counts from its moment, jitter included', async () => {
  const every = { kind: 'every', intervalMs: MINUTE } as const;
  const { ticks } = await seconds(every, 0.5, 255, 3 * MINUTE);
  for (const { lateMs } of ticks) expect(lateMs).toBeLessThan(5);
});
