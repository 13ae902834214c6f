import type { Logger } from '../ports.js';
import { systemClock } from './system.js';

/** A server that stays broken says the same every few minutes; once an hour is enough to read. */
const REPEAT_AFTER_MS = 60 * 60_000;

/** Of so many messages it is known when they were written last: a server that says something else each time fills no memory. */
const MAX_REMEMBERED = 1_000;

/** Returns the log without what was written within the last hour already; errors are always written. */
export function withoutRepeats(logger: Logger): Logger {
  const lastWrittenMs = new Map<string, number>();
  const once = (text: string, write: (text: string) => void): void => {
    const nowMs = systemClock.monotonicMs();
    if (nowMs - (lastWrittenMs.get(text) ?? -REPEAT_AFTER_MS) < REPEAT_AFTER_MS) return;
    // A map keeps the order in which its keys came: the first is the oldest.
    lastWrittenMs.delete(text);
    lastWrittenMs.set(text, nowMs);
    const [oldest] = lastWrittenMs.keys();
    if (lastWrittenMs.size > MAX_REMEMBERED && oldest !== undefined) lastWrittenMs.delete(oldest);
    write(text);
  };
  return {
    info: (message) => {
      once(message, logger.info);
    },
    warn: (message) => {
      once(message, logger.warn);
    },
    error: logger.error,
  };
}
