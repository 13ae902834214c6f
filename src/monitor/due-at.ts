import type { Destination } from '../model/alert.js';
import type { Alerting } from '../model/alerting.js';
import type { Urgency } from '../model/drift.js';
import { minuteOfDay, nextTime } from './wall-clock.js';

/** When a destination is told; without either member: at once, in a message of its own. */
export type Due = Pick<Destination, 'notBefore' | 'inDigest'>;

/**
 * Returns when an alert is due: at once or with the next digest, and after the quiet hours unless it is critical. What waited for
 * their end goes out in one message.
 */
export function dueAt(urgency: Urgency, alerting: Alerting, now: Date): Due {
  const isAtOnce = alerting.atOnce.includes(urgency);
  const at = afterQuietHours(urgency, alerting, isAtOnce ? now : nextTime(alerting.digest, now));
  return isAtOnce && at.getTime() === now.getTime() ? {} : { notBefore: at.toISOString(), inDigest: true };
}

/** Returns when an alert that comes with many others is due: in one message with them, from `earliest` on. */
export function dueGathered(urgency: Urgency, alerting: Alerting, earliest: Date): Due {
  return { notBefore: afterQuietHours(urgency, alerting, earliest).toISOString(), inDigest: true };
}

function afterQuietHours(urgency: Urgency, { quietHours }: Alerting, at: Date): Date {
  if (quietHours === undefined || urgency === 'critical') return at;
  return isQuiet(quietHours, at) ? nextTime(quietHours.to, at) : at;
}

function isQuiet({ from, to }: NonNullable<Alerting['quietHours']>, at: Date): boolean {
  const now = minuteOfDay(at, from.timeZone);
  const start = from.hour * 60 + from.minute;
  const end = to.hour * 60 + to.minute;
  return start < end ? start <= now && now < end : start <= now || now < end;
}
