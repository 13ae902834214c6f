import type { ChangeRequest } from '../model/change-request.js';

/** How long people took to approve. */
export interface TimeToApproval {
  /** Requests that were approved. */
  readonly approved: number;
  /** `undefined` where none was approved. */
  readonly medianMs: number | undefined;
  /** Nine of ten were approved within so long (nearest rank); `undefined` where none was. */
  readonly p90Ms: number | undefined;
  /** How many took longer than the bucket before and at most `upToMs`; the last one has no end. */
  readonly buckets: readonly { readonly upToMs: number | undefined; readonly count: number }[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** At the desk, within the hour, within half a working day, within a day, over a weekend, within a week, longer. */
const BUCKET_ENDS_MS = [5 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, undefined];

/** Returns how long the approved ones among requests were open. */
export function timeToApproval(requests: readonly ChangeRequest[]): TimeToApproval {
  const timesMs = requests.flatMap(timeOf).toSorted((a, b) => a - b);
  const buckets = BUCKET_ENDS_MS.map((upToMs, index) => {
    const afterMs = BUCKET_ENDS_MS[index - 1] ?? -1;
    const isIn = (ms: number): boolean => ms > afterMs && ms <= (upToMs ?? Number.POSITIVE_INFINITY);
    return { upToMs, count: timesMs.filter(isIn).length };
  });
  return { approved: timesMs.length, medianMs: medianOf(timesMs), p90Ms: nearestRank(timesMs, 0.9), buckets };
}

function timeOf({ state, openedAt, settledAt }: ChangeRequest): readonly number[] {
  if (state !== 'approved' || settledAt === undefined) return [];
  // A clock that was put back between the two must not make a negative time.
  return [Math.max(0, Date.parse(settledAt) - Date.parse(openedAt))];
}

function medianOf(sorted: readonly number[]): number | undefined {
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function nearestRank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.ceil(share * sorted.length) - 1];
}
