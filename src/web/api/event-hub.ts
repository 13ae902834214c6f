import { codeOf, messageOf } from '../../errors.js';
import type { Logger, Store } from '../../ports.js';
import { quote } from '../../quote.js';
import type { ApiEvent } from './api-event.js';
import { loggedEvents } from './logged-events.js';
import { type WatchedState, watchState } from './watched-state.js';

/** Somebody who listens. */
interface Listener {
  readonly onEvents: (events: readonly ApiEvent[]) => void;
  /** The store cannot be read: nothing more comes. */
  readonly onFailure: () => void;
}

/** Looks into the store for all who listen together, and only while somebody does. */
export interface EventHub {
  /** Tells a listener of what happens from now on, until the function that is returned is called. @throws {SealwatchError} `STORE_…` */
  listen(listener: Listener): Promise<() => void>;
}

type HubDeps = { readonly store: Store; readonly logger: Logger };

/** Others write to the store as well, and `pragma data_version` does not tell of what this connection wrote: so the log is asked. */
const POLL_MS = 250;
/** What is not in the log needs more reading, and changes seldom. */
const POLLS_PER_STATE = 4;
const ENTRIES_PER_READ = 500;

/** Returns a hub that does nothing until somebody listens. */
export function createEventHub({ store, logger }: HubDeps): EventHub {
  const listeners = new Set<Listener>();
  let polling: Polling | undefined;

  const fail = (error: unknown): void => {
    polling?.stop();
    polling = undefined;
    const ended = [...listeners];
    listeners.clear();
    if (ended.length > 0) logger.error(`event stream: ${codeOf(error)}: ${quote(messageOf(error))}`);
    for (const { onFailure } of ended) onFailure();
  };
  const tell = (events: readonly ApiEvent[]): void => {
    if (events.length > 0) for (const { onEvents } of [...listeners]) onEvents(events);
  };

  return {
    listen: async (listener) => {
      listeners.add(listener);
      polling ??= startPolling(store, tell, fail);
      const current = polling;
      const stop = (): void => {
        listeners.delete(listener);
        if (listeners.size > 0 || polling !== current) return;
        current.stop();
        polling = undefined;
      };
      try {
        await current.ready;
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
  };
}

interface Polling {
  /** Resolves when it is known from where on things are news. */
  readonly ready: Promise<void>;
  stop(): void;
}

function startPolling(
  store: Store,
  tell: (events: readonly ApiEvent[]) => void,
  fail: (error: unknown) => void,
): Polling {
  let next = 0;
  let state: WatchedState | undefined;
  let polls = 0;
  let isBusy = false;
  let isStopped = false;

  const ready = (async () => {
    next = (await newestPosition(store)) + 1;
    ({ state } = await watchState(store, undefined));
  })();
  const poll = async (): Promise<void> => {
    await ready;
    const entries = await store.auditEntries({ from: next, limit: ENTRIES_PER_READ });
    const logged = await loggedEvents(entries, store);
    next = (entries.at(-1)?.index ?? next - 1) + 1;
    polls += 1;
    const watched = polls % POLLS_PER_STATE === 0 ? await watchState(store, state) : undefined;
    state = watched?.state ?? state;
    if (!isStopped) tell([...logged, ...(watched?.events ?? [])]);
  };
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    poll()
      .catch((error: unknown) => {
        // After the end the store may be closed already.
        if (!isStopped) fail(error);
      })
      .finally(() => {
        isBusy = false;
      });
  }, POLL_MS);
  timer.unref();
  return {
    ready,
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

/** Returns the position of the newest entry of the audit log; -1 where there is none. */
export async function newestPosition(store: Pick<Store, 'searchAudit'>): Promise<number> {
  const [newest] = await store.searchAudit({ limit: 1 });
  return newest?.index ?? -1;
}
