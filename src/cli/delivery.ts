import type { MonitorDeps } from '../monitor/deps.js';
import { deliverDue } from '../monitor/outbox.js';
import { createNotifiers } from '../notify/index.js';
import type { Cli } from './cli.js';

/** Alerts whose next attempt is due are looked for this often. */
const INTERVAL_MS = 3_000;

/** Sends what is due, now and again; one round at a time. */
export interface Delivery {
  /** Sends what is due now. @throws {SealwatchError} `STORE_…` */
  now(): Promise<void>;
  /** Returns when the round that is under way has ended. */
  stop(): Promise<void>;
}

/** Starts sending alerts. `onFailure` is told when the store fails: a service that cannot record must not look alive. */
export function startDelivery(
  cli: Cli,
  deps: MonitorDeps,
  options: { readonly publicUrl: string | undefined; readonly onFailure: (error: unknown) => void },
): Delivery {
  const notifiers = createNotifiers(deps.channels, {
    stdout: (text) => {
      writeAlert(text, cli);
    },
  });
  let round = Promise.resolve();
  const now = (): Promise<void> => {
    round = round.then(async () => {
      await deliverDue({ ...deps, notifiers, publicUrl: options.publicUrl }, cli.signal);
    });
    return round;
  };
  const timer = setInterval(() => void now().catch(options.onFailure), INTERVAL_MS);
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      // A failure was told to `onFailure` already.
      await round.catch(() => undefined);
    },
  };
}

function writeAlert(text: string, { flags, io, terminal }: Cli): void {
  if (flags.json) io.stdout.write(`${JSON.stringify({ event: 'alert', text })}\n`);
  else terminal.line(`\n${text.trimEnd()}\n`);
}
