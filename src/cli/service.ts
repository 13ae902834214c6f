import { runSchedule } from '../monitor/scheduler.js';
import type { Inspection } from '../monitor/inspect.js';
import type { Cli } from './cli.js';
import { startDelivery } from './delivery.js';
import { createInspectionLog } from './inspection-log.js';
import { servePages } from './pages.js';
import { takeServiceLock } from './service-lock.js';
import type { Session } from './session.js';

/** What a caller adds to the service. */
export interface ServiceHooks {
  /** The pages are served, nothing is checked yet. */
  readonly onStarted: (url: string) => void;
  /** The first round over all servers is recorded. */
  readonly onReady: (inspections: readonly Inspection[], url: string) => Promise<void>;
  /** An inspection is recorded, and its alerts were sent. */
  readonly onInspected?: (inspection: Inspection, url: string) => Promise<void>;
}

/**
 * Runs the service until the signal aborts: schedules, pages, alerts. There is one on a state directory.
 *
 * @throws {SealwatchError} `SERVICE_RUNNING`, `SERVE_FAILED`, `STORE_…`, `AUDIT_BROKEN`
 */
export async function runService(
  cli: Cli,
  session: Session,
  hooks: ServiceHooks,
  options: { readonly orAnyPort: boolean },
): Promise<void> {
  const lock = takeServiceLock(session.config.stateDir);
  try {
    const pages = await servePages(session.config.serve, session.servers, session.deps, options);
    try {
      lock.announce(pages.url);
      hooks.onStarted(pages.url);
      await watchAndDeliver(cli, session, hooks, pages.url);
    } finally {
      await pages.close();
    }
  } finally {
    lock.release();
  }
}

async function watchAndDeliver(cli: Cli, session: Session, hooks: ServiceHooks, url: string): Promise<void> {
  const { deps, servers, config } = session;
  const failure = new AbortController();
  const onFailure = (error: unknown): void => {
    failure.abort(error);
  };
  const isShownByChannel = config.channels.some(({ kind }) => kind === 'stdout');
  const log = createInspectionLog(cli, deps, { changes: isShownByChannel ? 'line' : 'whole' });
  const delivery = startDelivery(cli, deps, { publicUrl: url, onFailure });
  const first: Inspection[] = [];
  const tell = async (inspection: Inspection): Promise<void> => {
    await log.write(inspection);
    await delivery.now();
    await hooks.onInspected?.(inspection, url);
  };
  let told: Promise<void> = Promise.resolve();
  let isReady = false;
  const enqueue = (action: () => Promise<void>): void => {
    told = told.then(action);
    told.catch(onFailure);
  };
  const scheduleHooks = {
    onInspection: (inspection: Inspection) => {
      if (!isReady) first.push(inspection);
      enqueue(() => tell(inspection));
    },
    onReady: () => {
      isReady = true;
      enqueue(() => hooks.onReady(first, url));
    },
  };
  const signal = AbortSignal.any([cli.signal, failure.signal]);
  try {
    await runSchedule(servers, deps, { concurrency: config.concurrency, hooks: scheduleHooks }, signal);
    await told;
  } finally {
    await delivery.stop();
  }
  if (failure.signal.aborted) throw failure.signal.reason;
}
