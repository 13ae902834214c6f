import { SealwatchError } from '../errors.js';
import type { TimeOfDay } from '../model/alerting.js';
import { quote } from '../quote.js';

/**
 * Returns a time such as `08:00` on the clocks of a time zone.
 *
 * @throws {SealwatchError} `CONFIG_INVALID`
 */
export function parseTimeOfDay(text: string, timeZone: string | undefined): TimeOfDay {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour !== undefined && minute !== undefined) return { hour: Number(hour), minute: Number(minute), timeZone };
  throw new SealwatchError(
    'CONFIG_INVALID',
    `must be a time of day from "00:00" to "23:59", such as "08:00", is ${quote(text, 60)}`,
  );
}
