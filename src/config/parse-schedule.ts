import cron from 'node-cron';

import { SealwatchError } from '../errors.js';
import type { Schedule } from '../model/server.js';
import { quote } from '../quote.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Timers count in 32 bits: a longer interval would fire at once, over and over. */
const MAX_DURATION_MS = 24 * 86_400_000;

/**
 * Returns a schedule: an interval such as `30s`, `5m`, `1h`, or a cron expression.
 *
 * @throws {SealwatchError} `CONFIG_INVALID`
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  if (/^\d+[a-z]*$/i.test(text)) return { kind: 'every', intervalMs: parseDuration(text) };
  if (!cron.validate(text)) {
    throw new SealwatchError(
      'CONFIG_INVALID',
      `must be an interval such as 30s, 5m, 1h or a cron expression such as "*/5 * * * *", is ${quote(text, 60)}`,
    );
  }
  return { kind: 'cron', expression: text, timeZone };
}

/**
 * Returns a length of time in milliseconds, from 1 second to 24 days.
 *
 * @throws {SealwatchError} `CONFIG_INVALID`
 */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit] ?? Number.NaN);
  if (!(ms >= 1_000 && ms <= MAX_DURATION_MS)) {
    throw new SealwatchError(
      'CONFIG_INVALID',
      `must be a length of time from 1s to 24d, such as 30s, 5m, 24h, 7d, is ${quote(text, 60)}`,
    );
  }
  return ms;
}

const DAY_MS = 86_400_000;

/** Ten years: longer is never. */
const MAX_DAYS = 3_650;

/**
 * Returns a number of days in milliseconds: `90d`. It is compared with dates and sets no timer.
 *
 * @throws {SealwatchError} `CONFIG_INVALID`
 */
export function parseDays(text: string): number {
  const days = Number(/^(\d{1,4})d$/.exec(text)?.[1]);
  if (days >= 1 && days <= MAX_DAYS) return days * DAY_MS;
  throw new SealwatchError('CONFIG_INVALID', `must be a number of days from 1d to ${MAX_DAYS}d, is ${quote(text, 60)}`);
}

/**
 * Returns the name of a time zone if this machine knows it.
 *
 * @throws {SealwatchError} `CONFIG_INVALID`
 */
export function parseTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new SealwatchError('CONFIG_INVALID', `must be a time zone such as Europe/Berlin, is ${quote(text, 60)}`, {
      cause,
    });
  }
}
