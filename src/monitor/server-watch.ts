import { setTimeout as sleep } from 'node:timers/promises';

import { codeOf, messageOf } from '../errors.js';
import type { Server } from '../model/server.js';
import type { ObserverSession } from '../ports.js';
import type { MonitorDeps } from './deps.js';
import { type Prepared, prepare } from './inspect.js';

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

/** Waiting before a connection is opened again: 1 s, 2 s, 4 s … at most five minutes; from the start once one has lasted. */
const MAX_RECONNECT_MS = 5 * 60_000;
const LASTING_MS = 60_000;

/**
 * Follows one server: holds a connection where the server announces changes, and runs one inspection at a time.
 */
export class ServerWatch {
  readonly #server: Server;
  readonly #deps: MonitorDeps;
  readonly #signal: AbortSignal;
  readonly #inspect: (watch: ServerWatch) => Promise<void>;
  #session: ObserverSession | undefined;
  #running: Promise<void> | undefined;
  #runAgain = false;
  #announced = false;
  #lastAnnouncedMs = Number.NEGATIVE_INFINITY;
  #gapMs = MIN_GAP_MS;

  constructor(server: Server, deps: MonitorDeps, signal: AbortSignal, inspect: (watch: ServerWatch) => Promise<void>) {
    this.#server = server;
    this.#deps = deps;
    this.#signal = signal;
    this.#inspect = inspect;
  }

  /** Inspects now; a call during an inspection makes one more follow it. */
  async run(): Promise<void> {
    if (this.#running !== undefined) {
      this.#runAgain = true;
      return this.#running;
    }
    this.#running = this.#runUntilQuiet();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  /** Observes over the connection that is open, else over one of its own. */
  async prepare(): Promise<Prepared> {
    const session = this.#session;
    const { observer } = this.#deps;
    return prepare(this.#server, this.#deps, () =>
      session === undefined ? observer.observe(this.#server, this.#signal) : session.observe(this.#signal),
    );
  }

  /** Keeps a connection to a server that announces changes, and opens it again when it ends. Returns when the signal aborts. */
  async listen(): Promise<void> {
    for (let failures = 0; !this.#signal.aborted; ) {
      const outcome = await this.#holdSession();
      if (outcome === 'does-not-announce') return;
      failures = outcome === 'lasted' ? 0 : failures + 1;
      const waitMs = Math.min(1_000 * 2 ** failures, MAX_RECONNECT_MS);
      await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined); // aborted: the loop ends
    }
  }

  /** Ends the connection after the inspection that is under way. */
  async close(): Promise<void> {
    await this.#running;
    await this.#session?.close();
  }

  async #runUntilQuiet(): Promise<void> {
    do {
      this.#runAgain = false;
      await this.#inspect(this);
    } while (this.#mustRunAgain());
  }

  #mustRunAgain(): boolean {
    return this.#runAgain && !this.#signal.aborted;
  }

  async #holdSession(): Promise<'lasted' | 'failed' | 'does-not-announce'> {
    const { observer, logger, clock } = this.#deps;
    const openedMs = clock.monotonicMs();
    try {
      const session = await observer.connect(this.#server, () => void this.#onAnnounced(), this.#signal);
      if (!session.announcesChanges) {
        await session.close();
        return 'does-not-announce';
      }
      this.#session = session;
      const renew = setTimeout(() => void session.close(), SESSION_LIFETIME_MS);
      // What changed while nobody listened is looked at now.
      void this.run();
      const end = await session.closed;
      clearTimeout(renew);
      this.#session = undefined;
      if (!this.#signal.aborted) logger.info(`${this.#server.id}: connection ended: ${end.code} ${end.message}`);
      // A server that lets us in and throws us out again at once is not asked every second.
      return clock.monotonicMs() - openedMs >= LASTING_MS ? 'lasted' : 'failed';
    } catch (error) {
      // The next scheduled run reports a server that cannot be reached as "could not check".
      if (!this.#signal.aborted)
        logger.warn(`${this.#server.id}: cannot listen for changes: ${codeOf(error)} ${messageOf(error)}`);
      return 'failed';
    }
  }

  async #onAnnounced(): Promise<void> {
    if (this.#announced) return;
    this.#announced = true;
    const { clock } = this.#deps;
    const sinceMs = clock.monotonicMs() - this.#lastAnnouncedMs;
    this.#gapMs = sinceMs > MAX_GAP_MS ? MIN_GAP_MS : Math.min(this.#gapMs * 2, MAX_GAP_MS);
    const waitMs = Math.max(SETTLE_MS, this.#gapMs - sinceMs);
    await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined); // aborted: run() inspects nothing
    this.#announced = false;
    this.#lastAnnouncedMs = clock.monotonicMs();
    if (!this.#signal.aborted) await this.run();
  }
}
