import cron from 'node-cron';
import PQueue from 'p-queue';

import { codeOf, messageOf } from '../errors.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from './deps.js';
import { conclude, type Inspection } from './inspect.js';
import { inspectAll } from './inspect-all.js';
import { ServerWatch } from './server-watch.js';

export interface ScheduleHooks {
  /** Called after every run on a server, recorded already. */
  readonly onInspection: (inspection: Inspection) => void;
  /** Called when the first run over all servers is done. */
  readonly onReady?: () => void;
}

/**
 * Watches servers on their schedules, and at once when one announces a change, until the signal aborts; then runs that are
 * under way end first. One server is never inspected twice at the same time; at most `concurrency` are at once.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`: a service that cannot record must not look alive.
 */
export async function runSchedule(
  servers: readonly Server[],
  deps: MonitorDeps,
  options: { readonly concurrency: number; readonly hooks: ScheduleHooks },
  signal: AbortSignal,
): Promise<void> {
  const first = await unlessStopped(signal, () => inspectAll(servers, deps, options, signal));
  if (first === undefined) return;
  for (const inspection of first) options.hooks.onInspection(inspection);
  options.hooks.onReady?.();

  const queue = new PQueue({ concurrency: options.concurrency });
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const inspectOne = async (server: Server, watch: ServerWatch): Promise<void> => {
    const prepared = await unlessStopped(stop, () => watch.prepare());
    if (prepared === undefined) return;
    options.hooks.onInspection(await conclude(server, prepared, [], deps));
  };
  const stopWith = (server: Server, error: unknown): void => {
    deps.logger.error(`${server.id}: ${messageOf(error)}`);
    failure.abort(error);
  };
  const watches = servers.map((server) => {
    const run = (watch: ServerWatch): Promise<void> =>
      queue
        .add(() => inspectOne(server, watch))
        .catch((error: unknown) => {
          stopWith(server, error);
        });
    return new ServerWatch(server, deps, stop, run);
  });
  const timers = watches.map((watch, index) => startTimer(servers[index], () => void watch.run(), deps));
  for (const watch of watches) void watch.listen();
  await aborted(stop);
  for (const stopTimer of timers) stopTimer();
  await Promise.all(watches.map((watch) => watch.close()));
  await queue.onIdle();
  if (failure.signal.aborted) throw failure.signal.reason;
}

/** Returns the result; `undefined` where the action ended because we were told to stop. */
async function unlessStopped<Result>(stop: AbortSignal, action: () => Promise<Result>): Promise<Result | undefined> {
  if (stop.aborted) return undefined;
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'OBSERVE_ABORTED') return undefined;
    throw error;
  }
}

/** Runs are spread by up to a tenth of the interval, so that servers on one schedule are not all asked in the same moment. */
const JITTER = 0.1;

function startTimer(server: Server | undefined, run: () => void, deps: MonitorDeps): () => void {
  if (server === undefined) return () => undefined;
  const { schedule } = server;
  switch (schedule.kind) {
    case 'every': {
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const spread = ((deps.random.bytes(1)[0] ?? 0) / 255) * JITTER;
        timer = setTimeout(
          () => {
            run();
            arm();
          },
          schedule.intervalMs * (1 + spread),
        );
      };
      arm();
      return () => {
        clearTimeout(timer);
      };
    }
    case 'cron': {
      const task = cron.schedule(
        schedule.expression,
        run,
        schedule.timeZone === undefined ? {} : { timezone: schedule.timeZone },
      );
      return () => void task.stop();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
