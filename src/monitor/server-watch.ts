import { setTimeout as sleep } from 'node:timers/promises';

import { codeOf, messageOf } from '../errors.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { ObserverSession } from '../ports.js';
import { type Failures, fractionOf, mayLeaveOut, NO_FAILURES, oneMore, reconnectDelayMs } from './back-off.js';
import type { MonitorDeps } from './deps.js';
import { type Prepared, prepare } from './inspect.js';
import type { Tick } from './timer.js';
import type { Order } from './work-limits.js';

/** A server may announce several lists one after the other; they are inspected together. */
const SETTLE_MS = 200;

/**
 * A storm of announcements costs at most one inspection in so long, changed or not, since every version is kept; it doubles with
 * each, to at most a minute, and begins anew after a minute of quiet.
 */
const MIN_GAP_MS = 1_000;
const MAX_GAP_MS = 60_000;

/** Connections are renewed: a long one would miss new code that a restart brings, and transports gather listeners. */
const SESSION_LIFETIME_MS = 15 * 60_000;

/** Lifetimes are shortened by up to a third: connections that were opened together are not renewed together. */
const LIFETIME_JITTER = 1 / 3;

/** One that lasted so long was no failure: its server is asked again soon. */
const LASTING_MS = 60_000;

/** After these it is the connection that failed, and a fresh one may answer. What is wrong with a listing is so on every connection. */
const CONNECTION_ERRORS: readonly string[] = [
  'OBSERVE_CLOSED',
  'OBSERVE_CONNECT_FAILED',
  'OBSERVE_EXITED',
  'OBSERVE_HTTP_STATUS',
  'OBSERVE_TIMEOUT',
];

export interface WatchContext {
  readonly deps: MonitorDeps;
  /** Aborts when nothing new is to be begun. */
  readonly stop: AbortSignal;
  /** Aborts when what is under way is to end at once. */
  readonly abort: AbortSignal;
  /** Takes a place among the servers that are talked to at the same time. */
  readonly limited: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Inspects in a place of its own; `begin` is called when it has one. */
  readonly inspect: (watch: ServerWatch, begin: () => void, order: Order) => Promise<void>;
}

/**
 * Follows one server: holds a connection where the server announces changes, and runs one inspection at a time.
 */
export class ServerWatch {
  readonly server: Server;
  readonly #context: WatchContext;
  #session: ObserverSession | undefined;
  #announces: 'unknown' | 'yes' | 'no' = 'unknown';
  #running: Promise<void> | undefined;
  #isNew = true;
  #runAgain = false;
  #announced = false;
  #lastAnnouncedMs = Number.NEGATIVE_INFINITY;
  #gapMs = MIN_GAP_MS;
  #failures: Failures = NO_FAILURES;

  constructor(server: Server, context: WatchContext) {
    this.server = server;
    this.#context = context;
  }

  /** Inspects now; a call during an inspection makes one more follow it. */
  async run(begin: () => void = () => undefined): Promise<void> {
    if (this.#running !== undefined) {
      this.#runAgain = true;
      return this.#running;
    }
    this.#running = this.#runUntilQuiet(begin);
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  /** Inspects as planned, unless an inspection is going on or the server fails and is left alone for a while. */
  async runPlanned({ lateMs, gapMs }: Tick): Promise<void> {
    const { clock, telemetry } = this.#context.deps;
    const { id, maxUncheckedMs } = this.server;
    if (this.#running !== undefined) {
      telemetry.skipped({ server: id, why: 'running' });
      return;
    }
    const nowMs = clock.monotonicMs();
    if (mayLeaveOut(this.#failures, nowMs, { gapMs, maxUncheckedMs })) {
      telemetry.skipped({ server: id, why: 'back-off' });
      return;
    }
    await this.run(() => {
      telemetry.began({ server: id, lateMs: lateMs + clock.monotonicMs() - nowMs });
    });
  }

  /** Does something about the server while it is not being inspected; what was announced meanwhile is looked at afterwards. */
  async whileIdle(action: () => Promise<void>): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#doThenRun(action);
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  /** Observes over the connection that is open; where that has died meanwhile, and where there is none, over a fresh one. */
  async prepare(): Promise<Prepared> {
    const { deps } = this.#context;
    const prepared = await prepare(this.server, deps, () => this.#observe());
    if (prepared.kind !== 'unchecked') this.#failures = NO_FAILURES;
    else this.#failures = oneMore(this.#failures, deps.clock.monotonicMs(), deps.random);
    return prepared;
  }

  /**
   * Keeps a connection to a server that announces changes, and opens it again when it ends. Returns when the server announces
   * nothing, or when it is time to stop.
   */
  async listen(): Promise<void> {
    const { stop, deps } = this.#context;
    for (let failures = 0; !stop.aborted; ) {
      const outcome = await this.#holdSession();
      if (outcome === 'does-not-announce') return;
      failures = outcome === 'lasted' ? 0 : failures + 1;
      // Aborted: the loop ends.
      await sleep(reconnectDelayMs(failures, deps.random), undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** Ends the connection after the inspection that is under way. */
  async close(): Promise<void> {
    await this.#running;
    await this.#session?.close();
  }

  async #runUntilQuiet(begin: () => void): Promise<void> {
    do {
      this.#runAgain = false;
      await this.#context.inspect(this, begin, this.#isNew ? 'first-look' : 'due');
      this.#isNew = false;
    } while (this.#mustRunAgain());
  }

  async #doThenRun(action: () => Promise<void>): Promise<void> {
    await action();
    if (this.#mustRunAgain()) await this.#runUntilQuiet(() => undefined);
  }

  #mustRunAgain(): boolean {
    return this.#runAgain && !this.#context.stop.aborted;
  }

  async #observe(): Promise<Observation> {
    const { deps, abort } = this.#context;
    const session = this.#session;
    if (session !== undefined) {
      try {
        return await session.observe(abort);
      } catch (error) {
        if (!CONNECTION_ERRORS.includes(codeOf(error))) throw error;
        deps.logger.info(`${this.server.id}: asking again over a fresh connection: ${codeOf(error)}`);
        this.#forget(session);
      }
    }
    // The first listing comes over the connection that stays, if it stays: a process is not started twice for it.
    return this.#announces === 'unknown' ? this.#observeFirst() : deps.observer.observe(this.server, abort);
  }

  async #observeFirst(): Promise<Observation> {
    const { abort } = this.#context;
    const session = await this.#connect(abort);
    try {
      return await session.observe(abort);
    } finally {
      if (!this.#isKept(session)) await session.close();
    }
  }

  /** Opens a connection, and keeps it for the next inspections where it is one to keep. */
  async #connect(signal: AbortSignal): Promise<ObserverSession> {
    const { deps, stop } = this.#context;
    const session = await deps.observer.connect(this.server, () => void this.#onAnnounced(), signal);
    this.#announces = session.announcesChanges ? 'yes' : 'no';
    if (!session.announcesChanges || stop.aborted || this.#session !== undefined) return session;
    this.#session = session;
    deps.telemetry.connections(1);
    void session.closed.then(() => {
      deps.telemetry.connections(-1);
      this.#forget(session);
    });
    return session;
  }

  /** A connection that has ended or failed is used for nothing more. */
  #forget(session: ObserverSession): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    void session.close();
  }

  async #holdSession(): Promise<'lasted' | 'failed' | 'does-not-announce'> {
    const { deps, stop, limited } = this.#context;
    const { clock, logger, random } = deps;
    const openedMs = clock.monotonicMs();
    try {
      if (this.#isSilent()) return 'does-not-announce';
      const session = this.#session ?? (await limited(() => this.#reconnect()));
      if (session === undefined) return this.#isSilent() ? 'does-not-announce' : 'failed';
      const lifetimeMs = SESSION_LIFETIME_MS * (1 - fractionOf(random) * LIFETIME_JITTER);
      const renew = setTimeout(() => void session.close(), lifetimeMs);
      const end = await session.closed;
      clearTimeout(renew);
      if (!stop.aborted) logger.info(`${this.server.id}: connection ended: ${end.code} ${end.message}`);
      // A server that lets us in and throws us out again at once is not asked every second.
      return clock.monotonicMs() - openedMs >= LASTING_MS ? 'lasted' : 'failed';
    } catch (error) {
      // The next planned run reports a server that cannot be reached as "could not check".
      if (!stop.aborted)
        logger.warn(`${this.server.id}: cannot listen for changes: ${codeOf(error)} ${messageOf(error)}`);
      return 'failed';
    }
  }

  #isKept(session: ObserverSession): boolean {
    return this.#session === session;
  }

  #isSilent(): boolean {
    return this.#announces === 'no';
  }

  /** Returns the connection that is open then; `undefined` where none is to stay. */
  async #reconnect(): Promise<ObserverSession | undefined> {
    const { stop, abort } = this.#context;
    // A planned run may have opened one while this waited for its place.
    if (stop.aborted || this.#session !== undefined) return this.#session;
    const opening = new AbortController();
    const giveUp = (): void => {
      opening.abort();
    };
    // Nothing is lost by breaking off before it is open; afterwards an inspection may be going on over it.
    stop.addEventListener('abort', giveUp, { once: true });
    abort.addEventListener('abort', giveUp, { once: true });
    try {
      const session = await this.#connect(opening.signal);
      // What changed while nobody listened is looked at now.
      if (this.#isKept(session)) void this.run();
      else await session.close();
      void session.closed.then(() => {
        abort.removeEventListener('abort', giveUp);
      });
      return this.#session;
    } finally {
      stop.removeEventListener('abort', giveUp);
    }
  }

  async #onAnnounced(): Promise<void> {
    if (this.#announced) return;
    this.#announced = true;
    const { deps, stop } = this.#context;
    const { clock } = deps;
    const sinceMs = clock.monotonicMs() - this.#lastAnnouncedMs;
    this.#gapMs = sinceMs > MAX_GAP_MS ? MIN_GAP_MS : Math.min(this.#gapMs * 2, MAX_GAP_MS);
    const waitMs = Math.max(SETTLE_MS, this.#gapMs - sinceMs);
    await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined); // aborted: run() inspects nothing
    this.#announced = false;
    this.#lastAnnouncedMs = clock.monotonicMs();
    if (!stop.aborted) await this.run();
  }
}
