import { setTimeout as sleep } from 'node:timers/promises';

import type { Server } from '../model/server.js';
import { DeliveryRounds } from '../monitor/delivery-rounds.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { remind } from '../monitor/remind.js';
import { UnsentLinks } from '../monitor/unsent-links.js';
import { createNotifiers } from '../notify/index.js';
import type { Cli } from './cli.js';

/** Alerts whose next attempt is due are looked for this often. */
const INTERVAL_MS = 3_000;

/** Requests that wait too long are looked for this often. */
const REMIND_INTERVAL_MS = 60_000;

/** A server that takes its time in the first round must not keep everybody from hearing of the others. */
const HELD_AT_MOST_MS = 5 * 60_000;

/** So long does a caller wait for what it brought to be sent; a channel that hangs must not hold back what comes after. */
const PATIENCE_MS = 1_000;

/** Sends what is due, now and again. Nothing is sent before it is started: the first round over all servers is one message. */
export interface Delivery {
  /** Switches sending on. Again is no other start. */
  start(): void;
  /** Sends what is due now, and returns when it was sent or is taking its time. @throws {SealwatchError} `STORE_…` */
  now(): Promise<void>;
  /** Returns when what is under way has ended. */
  stop(): Promise<void>;
}

export interface DeliveryOptions {
  readonly servers: readonly Server[];
  readonly publicUrl: string | undefined;
  /** Is told when the store fails: a service that cannot record must not look alive. */
  readonly onFailure: (error: unknown) => void;
}

/** Returns a delivery that is held until it is started, or for some minutes at most. */
export function startDelivery(cli: Cli, deps: MonitorDeps, options: DeliveryOptions): Delivery {
  const { servers, publicUrl, onFailure } = options;
  const stdout = (text: string): void => {
    writeAlert(text, cli);
  };
  const outbox = {
    ...deps,
    unsentLinks: new UnsentLinks(),
    notifiers: createNotifiers(deps.channels, {
      clock: deps.clock,
      stdout,
    }),
    publicUrl,
  };
  const rounds = new DeliveryRounds(outbox, onFailure, cli.signal);
  const timers = new Set<NodeJS.Timeout>();
  let isHeld = true;

  let reminding: Promise<void> = Promise.resolve();
  const remindAndSend = (): Promise<void> => {
    reminding = remind(servers, deps);
    return reminding.then(() => rounds.run());
  };
  const every = (intervalMs: number, action: () => Promise<void>): void => {
    timers.add(setInterval(() => void action().catch(onFailure), intervalMs));
  };
  const start = (): void => {
    if (!isHeld) return;
    isHeld = false;
    every(INTERVAL_MS, () => rounds.run());
    every(REMIND_INTERVAL_MS, remindAndSend);
    void remindAndSend().catch(onFailure);
  };
  timers.add(setTimeout(start, HELD_AT_MOST_MS));
  return {
    start,
    now: async () => {
      if (!isHeld) await Promise.race([rounds.run(), sleep(PATIENCE_MS, undefined, { ref: false })]);
    },
    stop: async () => {
      isHeld = false;
      for (const timer of timers) clearTimeout(timer);
      // A failure was told to `onFailure` already.
      await reminding.catch(() => undefined);
      await rounds.ended();
    },
  };
}

function writeAlert(text: string, { flags, io, terminal }: Cli): void {
  if (flags.json) io.stdout.write(`${JSON.stringify({ event: 'alert', text })}\n`);
  else terminal.line(`\n${text.trimEnd()}\n`);
}
