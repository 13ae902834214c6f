import { certificateAlerts } from '../monitor/alert.js';
import { abortAfter } from '../monitor/grace.js';
import type { Inspection } from '../monitor/inspect.js';
import { runSchedule } from '../monitor/scheduler.js';
import type { Cli } from './cli.js';
import { type Delivery, startDelivery } from './delivery.js';
import { createInspectionLog } from './inspection-log.js';
import { type Pages, servePages } from './pages.js';
import { takeServiceLock } from './service-lock.js';
import type { Session } from './session.js';

/** What a caller adds to the service. */
export interface ServiceHooks {
  /** The pages are served, nothing is checked yet. `signInUrl` is a secret for whoever looks at the console. */
  readonly onStarted: (url: string, signInUrl: string | undefined) => void | Promise<void>;
  /** The first round over all servers is recorded. */
  readonly onReady: (inspections: readonly Inspection[], url: string) => Promise<void>;
  /** An inspection is recorded, and its alerts were sent. */
  readonly onInspected?: (inspection: Inspection, url: string) => void;
}

/** After it was told to stop, the service finishes what is under way for so long; then it breaks off. */
const GRACE_MS = 10_000;

/** The certificate of our own pages is looked at so often. */
const CERTIFICATE_INTERVAL_MS = 6 * 60 * 60_000;

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
    const pages = await servePages(session.config, session.servers, session.deps, options);
    try {
      lock.announce(pages.url);
      await hooks.onStarted(pages.url, pages.signInUrl);
      await watchAndDeliver(cli, session, hooks, pages);
    } finally {
      await pages.close();
    }
  } finally {
    lock.release();
  }
}

async function watchAndDeliver(cli: Cli, session: Session, hooks: ServiceHooks, pages: Pages): Promise<void> {
  const { deps, servers, config } = session;
  const { url } = pages;
  const failure = new AbortController();
  const onFailure = (error: unknown): void => {
    failure.abort(error);
  };
  const isShownByChannel = config.channels.some(({ kind }) => kind === 'stdout');
  const log = createInspectionLog(cli, deps, { changes: isShownByChannel ? 'line' : 'whole' });
  const grace = abortAfter(cli.signal, GRACE_MS);
  // What is being sent when the service is told to stop is sent to its end; what is broken off is sent again at the next start.
  const delivery = startDelivery({ ...cli, signal: grace.signal }, deps, { servers, publicUrl: url, onFailure });
  const stopWarning = warnOfOwnCertificate(pages, session, onFailure);
  const telling = createTelling((inspection) => log.write(inspection), delivery, hooks, url, onFailure);
  const signal = AbortSignal.any([cli.signal, failure.signal]);
  const { concurrency, childProcesses } = config;
  try {
    await runSchedule(servers, deps, { concurrency, childProcesses, graceMs: GRACE_MS, hooks: telling }, signal);
    await telling.ended();
  } finally {
    stopWarning();
    await delivery.stop();
    grace.release();
  }
  if (failure.signal.aborted) throw failure.signal.reason;
}

interface Telling {
  readonly onInspection: (inspection: Inspection) => void;
  readonly onReady: () => void;
  /** Resolves when everything is told. */
  ended(): Promise<void>;
}

/** Tells one inspection after the other: written, sent, then shown. Alerts are held until every server had its first run. */
function createTelling(
  write: (inspection: Inspection) => Promise<void>,
  delivery: Delivery,
  hooks: ServiceHooks,
  url: string,
  onFailure: (error: unknown) => void,
): Telling {
  const first: Inspection[] = [];
  let told: Promise<void> = Promise.resolve();
  let isReady = false;
  const enqueue = (action: () => Promise<void>): void => {
    told = told.then(action);
    told.catch(onFailure);
  };
  return {
    onInspection: (inspection) => {
      if (!isReady) first.push(inspection);
      enqueue(async () => {
        await write(inspection);
        // What is the same as before brings no alert; others are looked for every few seconds.
        if (inspection.kind !== 'unchanged') await delivery.now();
        hooks.onInspected?.(inspection, url);
      });
    },
    onReady: () => {
      isReady = true;
      delivery.start();
      enqueue(() => hooks.onReady(first, url));
    },
    ended: () => told,
  };
}

/** Returns what stops it. */
function warnOfOwnCertificate(pages: Pages, { deps }: Session, onFailure: (error: unknown) => void): () => void {
  const warn = async (): Promise<void> => {
    const expiresAt = pages.certificateExpiresAt;
    if (expiresAt === undefined) return;
    const now = deps.clock.now();
    const alerts = certificateAlerts('serve', expiresAt, now, deps);
    if (alerts.length > 0) await deps.store.raise(alerts, now.toISOString());
  };
  void warn().catch(onFailure);
  const timer = setInterval(() => void warn().catch(onFailure), CERTIFICATE_INTERVAL_MS);
  return () => {
    clearInterval(timer);
  };
}
