import type { Random } from '../ports.js';

/** A failing server is left alone for at most so long, or for its interval where that is longer. */
const MAX_DELAY_MS = 10 * 60_000;

/** So much of the time after which a server's approvals lapse may pass between two tries: a few tries have to fit in. */
const SHARE_OF_MAX_UNCHECKED = 1 / 4;

/** Pauses are shortened by up to a fifth, so that servers that failed together do not come back in the same moment. */
const JITTER = 0.2;

/** Failures in a row, and when the last of them ended. */
export interface Failures {
  readonly count: number;
  readonly lastMs: number;
  /** Between 0 and 1: which part of the pause's jitter it is. */
  readonly spread: number;
}

export const NO_FAILURES: Failures = { count: 0, lastMs: 0, spread: 0 };

/** Returns the failures with one more, at a moment on the monotonic clock. */
export function oneMore({ count }: Failures, nowMs: number, random: Random): Failures {
  return { count: count + 1, lastMs: nowMs, spread: fractionOf(random) };
}

/**
 * Returns whether a planned run on a failing server may be left out: pauses double with every failure, from the interval on. A run
 * is left out only if the next one comes before the longest pause is over, so that no pause is longer.
 */
export function mayLeaveOut(
  failures: Failures,
  nowMs: number,
  server: { readonly gapMs: number; readonly maxUncheckedMs: number },
): boolean {
  if (failures.count === 0) return false;
  const { gapMs, maxUncheckedMs } = server;
  const longestMs = Math.max(gapMs, Math.min(MAX_DELAY_MS, maxUncheckedMs * SHARE_OF_MAX_UNCHECKED));
  const pauseMs = Math.min(gapMs * 2 ** (failures.count - 1), longestMs) * (1 - failures.spread * JITTER);
  const passedMs = nowMs - failures.lastMs;
  // Half a gap before its end counts as the end: the next run would come further behind it.
  return passedMs + gapMs / 2 < pauseMs && passedMs + gapMs * (1 + LATE) <= longestMs;
}

/** A run may come so much later than planned; see `timer.ts`. */
const LATE = 0.1;

/** Returns the pause before a connection is opened again after `failures` in a row: 1 s, 2 s, 4 s … at most five minutes, shortened at random. */
export function reconnectDelayMs(failures: number, random: Random): number {
  const pauseMs = Math.min(FIRST_RECONNECT_MS * 2 ** failures, MAX_RECONNECT_MS);
  return pauseMs * (1 - fractionOf(random) * RECONNECT_JITTER);
}

const FIRST_RECONNECT_MS = 1_000;
const MAX_RECONNECT_MS = 5 * 60_000;

/** A gateway that restarts drops every connection in one moment; they come back over half the pause. */
const RECONNECT_JITTER = 0.5;

/** Returns a random number from 0 to 1. */
export function fractionOf(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_535;
}
