import cron from 'node-cron';

import type { Schedule } from '../model/server.js';
import { fractionOf } from './back-off.js';
import type { MonitorDeps } from './deps.js';

/** A moment at which a run is planned. */
export interface Tick {
  /** How long after the planned moment it is now. */
  readonly lateMs: number;
  /** Until the next planned moment, roughly. */
  readonly gapMs: number;
}

/** Runs begin up to a tenth of the gap between two, but at most so long, after their moment: servers on one schedule share few moments. */
const JITTER = 0.1;
const MAX_JITTER_MS = 30_000;

/** Where the moments of an interval are counted from. */
export interface Phase {
  /** The start of the service on the monotonic clock. */
  readonly startMs: number;
  /** From 0 to 1: after which part of the first interval the first moment comes, so that many servers are asked one after the other. */
  readonly part: number;
}

/**
 * Calls `onTick` at the moments of a schedule, until the function that is returned is called.
 *
 * The moments of an interval are counted from the start on the monotonic clock: jitter and late timers do not add up.
 */
export function startTimer(
  schedule: Schedule,
  phase: Phase,
  onTick: (tick: Tick) => void,
  deps: Pick<MonitorDeps, 'clock' | 'random'>,
): () => void {
  switch (schedule.kind) {
    case 'every':
      return startInterval(schedule.intervalMs, phase, onTick, deps);
    case 'cron':
      return startCron(schedule, onTick, deps);
  }
}

function startInterval(
  intervalMs: number,
  { startMs, part }: Phase,
  onTick: (tick: Tick) => void,
  { clock, random }: Pick<MonitorDeps, 'clock' | 'random'>,
): () => void {
  const firstMs = startMs + intervalMs * part;
  const countAfter = (momentMs: number): number => Math.max(0, Math.ceil((momentMs - firstMs) / intervalMs));
  let timer: NodeJS.Timeout;
  const arm = (count: number): void => {
    const plannedMs = firstMs + count * intervalMs + jitterMs(intervalMs, random);
    const tick = (): void => {
      const nowMs = clock.monotonicMs();
      onTick({ lateMs: Math.max(0, nowMs - plannedMs), gapMs: intervalMs });
      // Moments that passed while the machine was busy are not made up for: one run looks at everything.
      arm(Math.max(count + 1, countAfter(nowMs)));
    };
    timer = setTimeout(tick, Math.max(0, plannedMs - clock.monotonicMs()));
  };
  arm(countAfter(clock.monotonicMs() + Math.min(intervalMs, SOON_MS)));
  return () => {
    clearTimeout(timer);
  };
}

/** So shortly after its first run a server is not asked again. */
const SOON_MS = 1_000;

function startCron(
  { expression, timeZone }: Extract<Schedule, { kind: 'cron' }>,
  onTick: (tick: Tick) => void,
  { clock, random }: Pick<MonitorDeps, 'clock' | 'random'>,
): () => void {
  let waiting: NodeJS.Timeout | undefined;
  const task = cron.schedule(
    expression,
    ({ date }) => {
      const gapMs = task.msToNext() ?? 0;
      const delayMs = jitterMs(gapMs, random);
      const lateMs = Math.max(0, clock.now().getTime() - date.getTime());
      const plannedMs = clock.monotonicMs() + delayMs;
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        onTick({ lateMs: lateMs + Math.max(0, clock.monotonicMs() - plannedMs), gapMs });
      }, delayMs);
    },
    timeZone === undefined ? {} : { timezone: timeZone },
  );
  return () => {
    clearTimeout(waiting);
    void task.stop();
  };
}

function jitterMs(gapMs: number, random: MonitorDeps['random']): number {
  return Math.min(gapMs * JITTER, MAX_JITTER_MS) * fractionOf(random);
}
