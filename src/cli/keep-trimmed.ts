import { messageOf } from '../errors.js';
import type { CallLogSettings } from '../model/call.js';
import type { CallLog, Clock, Logger } from '../ports.js';

/** How often it is looked whether calls are kept for too long. */
const TRIM_EVERY_MS = 60 * 60_000;

/** So much of the size may be written before it is looked whether it is too large. */
const SHARE_WRITTEN = 0.05;

/** What is written of a call besides its parameters, with its answer. */
const BYTES_PER_CALL = 1_500;

/** A log of calls that is kept within its limits. */
interface TrimmedLog {
  readonly log: CallLog;
  readonly stop: () => Promise<void>;
}

/**
 * Removes calls that are kept for too long or are too many: now, every hour, and whenever much was written through the log that it
 * returns. Also where no more are logged.
 */
export function keepTrimmed(
  callLog: CallLog,
  { keepMs, maxBytes }: Pick<CallLogSettings, 'keepMs' | 'maxBytes'>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): TrimmedLog {
  let written = 0;
  let running: Promise<void> | undefined;
  const trim = async (): Promise<void> => {
    const before = new Date(clock.now().getTime() - keepMs).toISOString();
    try {
      await callLog.forget({ before, maxBytes });
    } catch (error) {
      logger.warn(`old calls were not removed from the log: ${messageOf(error)}`);
    }
  };
  const start = (): void => {
    if (running !== undefined) return;
    written = 0;
    running = trim().finally(() => {
      running = undefined;
    });
  };
  const count = (bytes: number): void => {
    written += bytes;
    if (written >= maxBytes * SHARE_WRITTEN) start();
  };
  start();
  const timer = setInterval(start, TRIM_EVERY_MS).unref();
  return {
    log: counting(callLog, count),
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

function counting(log: CallLog, count: (bytes: number) => void): CallLog {
  return {
    asked: async (call) => {
      const position = await log.asked(call);
      count(BYTES_PER_CALL + Buffer.byteLength(call.parameters));
      return position;
    },
    answered: (call, answer) => log.answered(call, answer),
    search: (filter) => log.search(filter),
    forget: (beyond) => log.forget(beyond),
    verify: () => log.verify(),
    giveUp: (actor) => log.giveUp(actor),
    close: () => log.close(),
  };
}
