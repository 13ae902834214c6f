import type { TimeOfDay } from '../model/alerting.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Returns the minutes since midnight that clocks in a time zone show; `undefined` is the zone of the machine. */
export function minuteOfDay(at: Date, timeZone: string | undefined): number {
  return Math.floor((shownAt(at.getTime(), timeZone) % DAY_MS) / MINUTE_MS);
}

/**
 * Returns the first moment from `from` on at which clocks in the time's zone show it. Where they are put forward over it, that is
 * the moment at which they are; where they are put back, they show it twice.
 */
export function nextTime(time: TimeOfDay, from: Date): Date {
  const today = Math.floor(shownAt(from.getTime(), time.timeZone) / DAY_MS) * DAY_MS;
  const ofDay = (time.hour * 60 + time.minute) * MINUTE_MS;
  const moments = [-1, 0, 1, 2].flatMap((day) => momentsShowing(today + day * DAY_MS + ofDay, time.timeZone));
  return new Date(Math.min(...moments.filter((moment) => moment >= from.getTime())));
}

/** `shown` is a date and time on the clock, written as if it were UTC. */
function momentsShowing(shown: number, timeZone: string | undefined): readonly number[] {
  // No zone moves its clocks twice within two days, so what holds around a time is what held before or holds after.
  const before = offsetAt(shown - DAY_MS, timeZone);
  const after = offsetAt(shown + DAY_MS, timeZone);
  const candidates = [...new Set([shown - before, shown - after])];
  const moments = candidates.filter((moment) => shownAt(moment, timeZone) === shown);
  return moments.length > 0 ? moments : [changeBetween(shown - after, shown - before, timeZone)];
}

/** Returns the moment at which the clocks are moved, to the millisecond: the offset at `from` ends before `to`. */
function changeBetween(from: number, to: number, timeZone: string | undefined): number {
  const before = offsetAt(from, timeZone);
  let [last, first] = [from, to];
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (offsetAt(middle, timeZone) === before) last = middle;
    else first = middle;
  }
  return first;
}

function offsetAt(moment: number, timeZone: string | undefined): number {
  return shownAt(moment, timeZone) - moment;
}

/** Returns what the clocks show, written as if it were UTC. */
function shownAt(moment: number, timeZone: string | undefined): number {
  const parts = formatFor(timeZone).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((one) => one.type === type)?.value);
  const whole = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return whole + (((moment % 1_000) + 1_000) % 1_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Kept, because making one takes longer than all the rest. */
function formatFor(timeZone = ''): Intl.DateTimeFormat {
  const kept = formats.get(timeZone);
  if (kept !== undefined) return kept;
  const format = new Intl.DateTimeFormat('en-US', {
    ...(timeZone === '' ? {} : { timeZone }),
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
