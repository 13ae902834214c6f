import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { codeOf, messageOf } from '../errors.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from './deps.js';
import { abortAfter } from './grace.js';
import { conclude, type Inspection } from './inspect.js';
import { reassessStale } from './reassess-stale.js';
import { ServerWatch, type WatchContext } from './server-watch.js';
import { startTimer } from './timer.js';
import { createWorkLimits, type WorkLimitOptions, type WorkLimits } from './work-limits.js';

interface ScheduleHooks {
  /** Called after every run on a server, recorded already. */
  readonly onInspection: (inspection: Inspection) => void;
  /** Called when every server had its first run. */
  readonly onReady?: () => void;
}

export interface ScheduleOptions extends WorkLimitOptions {
  readonly hooks: ScheduleHooks;
  /** What is under way when the signal aborts may go on for so long. */
  readonly graceMs?: number;
}

/** Whoever stops a service with SIGTERM kills it some time later: a listing ends within seconds, or has failed anyway. */
const GRACE_MS = 10_000;

/** The timers of a process that is alive fire at least so often. */
const BEAT_MS = 1_000;

/**
 * Watches servers on their schedules, and at once when one announces a change, until the signal aborts; then runs that are
 * under way end first. One server is never inspected twice at the same time, and the limits on parallel work hold for all.
 *
 * Every server is asked once at the beginning, and recorded as it answers: a slow one holds nobody up.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`: a service that cannot record must not look alive.
 */
export async function runSchedule(
  servers: readonly Server[],
  deps: MonitorDeps,
  options: ScheduleOptions,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const grace = abortAfter(signal, options.graceMs ?? GRACE_MS);
  const abort = AbortSignal.any([grace.signal, failure.signal]);
  // Every connection waits on these two: many listeners are no leak here.
  setMaxListeners(0, stop, abort);
  const startMs = deps.clock.monotonicMs();
  const limits = createWorkLimits(options);
  const stopWith = (server: Server, error: unknown): void => {
    deps.logger.error(`${server.id}: ${messageOf(error)}`);
    failure.abort(error);
  };
  const running: Running = { deps, stop, abort, limits, stopWith, onInspection: options.hooks.onInspection };
  const stopTimers: (() => void)[] = [startBeat(deps)];
  const watches = servers.map((server) => new ServerWatch(server, contextOf(server, running)));
  const parts = spread(servers);
  const follow = async (watch: ServerWatch, server: Server, part: number): Promise<void> => {
    await watch.run();
    if (stop.aborted) return;
    stopTimers.push(startTimer(server.schedule, { startMs, part }, (tick) => void watch.runPlanned(tick), deps));
    void watch.listen();
  };
  await Promise.all(watches.map((watch, index) => follow(watch, watch.server, parts[index] ?? 0)));
  await endFirstRound(watches, running);
  if (!stop.aborted) {
    deps.telemetry.firstRoundDone();
    options.hooks.onReady?.();
  }
  await aborted(stop);
  for (const stopTimer of stopTimers) stopTimer();
  await Promise.all(watches.map((watch) => watch.close()));
  await limits.idle();
  grace.release();
  if (failure.signal.aborted) throw failure.signal.reason;
}

interface Running {
  readonly deps: MonitorDeps;
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  readonly limits: WorkLimits;
  readonly stopWith: (server: Server, error: unknown) => void;
  readonly onInspection: ScheduleHooks['onInspection'];
}

function contextOf(server: Server, { deps, stop, abort, limits, stopWith, onInspection }: Running): WatchContext {
  const inspect = async (watch: ServerWatch, begin: () => void): Promise<void> => {
    if (stop.aborted) return;
    begin();
    const inspection = await unlessAborted(() => inspectOnce(server, watch, deps));
    if (inspection !== undefined) onInspection(inspection);
  };
  return {
    deps,
    stop,
    abort,
    limited: (work) => limits.add(server, work),
    inspect: (watch, begin, order) =>
      limits
        .add(server, () => inspect(watch, begin), order)
        .catch((error: unknown) => {
          stopWith(server, error);
        }),
  };
}

async function inspectOnce(server: Server, watch: ServerWatch, deps: MonitorDeps): Promise<Inspection> {
  return deps.telemetry.span('inspection', { 'sealwatch.server': server.id }, async (set) => {
    const prepared = await deps.telemetry.span('observe', { 'sealwatch.server': server.id }, () => watch.prepare());
    const inspection = await deps.telemetry.span('record', { 'sealwatch.server': server.id }, () =>
      conclude(server, prepared, [], deps),
    );
    set('sealwatch.outcome', inspection.kind);
    return inspection;
  });
}

/** Returns the result; `undefined` where the action ended because we were told to stop. */
async function unlessAborted<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === 'OBSERVE_ABORTED') return undefined;
    throw error;
  }
}

/** In the first round a server was evaluated without the names of those that answered after it. */
async function endFirstRound(watches: readonly ServerWatch[], running: Running): Promise<void> {
  const { deps, stop, stopWith, onInspection } = running;
  for (const watch of watches) {
    if (stop.aborted) return;
    // Hundreds of evaluations in a row must not keep timers and pages waiting.
    await nextTurn();
    await watch.whileIdle(async () => {
      try {
        const recorded = await reassessStale(watch.server, deps);
        if (recorded !== undefined) onInspection(recorded);
      } catch (error) {
        stopWith(watch.server, error);
      }
    });
  }
}

/** Returns for each server a part of its interval, evenly spread among the servers that share it. */
function spread(servers: readonly Server[]): readonly number[] {
  const intervalOf = ({ schedule }: Server): number => (schedule.kind === 'every' ? schedule.intervalMs : 0);
  const sharing = new Map<number, number>();
  for (const server of servers) sharing.set(intervalOf(server), (sharing.get(intervalOf(server)) ?? 0) + 1);
  const before = new Map<number, number>();
  return servers.map((server) => {
    const interval = intervalOf(server);
    const position = before.get(interval) ?? 0;
    before.set(interval, position + 1);
    return (position + 1) / (sharing.get(interval) ?? 1);
  });
}

function startBeat({ telemetry }: MonitorDeps): () => void {
  telemetry.beat();
  const timer = setInterval(() => {
    telemetry.beat();
  }, BEAT_MS);
  return () => {
    clearInterval(timer);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
