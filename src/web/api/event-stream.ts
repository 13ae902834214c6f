import type { Principal } from '../../model/principal.js';
import type { Store } from '../../ports.js';
import { type ApiEvent, eventText, mayHear } from './api-event.js';
import type { EventHub } from './event-hub.js';
import { newestPosition } from './event-hub.js';
import { loggedEvents } from './logged-events.js';

/** Proxies end a connection on which nothing comes for long, often after 30 s or 60 s. */
const HEARTBEAT_MS = 15_000;
/** Whoever signed out, or whose token was removed, hears nothing more after so long. */
const RECHECK_MS = 60_000;
/** A client that leaves more than this unread is dropped: it can come back and go on where it was. */
const MAX_UNREAD_BYTES = 64 * 1024;
/** Whoever is further behind reads everything anew, which is less. */
const MAX_MISSED = 10_000;
const ENTRIES_PER_READ = 500;

interface StreamOptions {
  readonly hub: EventHub;
  readonly store: Store;
  readonly principal: Principal;
  /** Who it is now; `undefined` where the session or token has ended. */
  readonly again: () => Promise<Principal | undefined>;
  /** The newest position that the client knows of; `undefined` where it begins now. */
  readonly after: number | undefined;
  /** Ends the connection at once, read or not. */
  readonly drop: () => void;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
}

/** Returns the events that somebody may hear of, as they happen, in the format of server-sent events. */
export function eventStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNREAD_BYTES });
  let connection: Connection | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        connection = connect(options, controller);
      },
      pull: () => connection?.onRead(),
      cancel: () => connection?.end(),
    },
    strategy,
  );
}

interface Connection {
  onRead(): void;
  end(): void;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

function connect(options: StreamOptions, controller: Controller): Connection {
  const { hub, store, again, after, onEnd } = options;
  const encoder = new TextEncoder();
  let { principal } = options;
  let isOver = false;
  let stopListening = (): void => undefined;
  let wake = (): void => undefined;
  /** What happens while the client still learns what it missed. */
  const pending: ApiEvent[] = [];
  let isCaughtUp = false;

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(heartbeat);
    clearInterval(recheck);
    stopListening();
    wake();
    onEnd();
  };
  const close = (): void => {
    if (isOver) return;
    end();
    controller.close();
  };
  const dropOut = (): void => {
    close();
    // What waits for the client would keep the connection open for as long as it does not read.
    options.drop();
  };
  const isFull = (): boolean => (controller.desiredSize ?? 0) <= 0;
  const send = (text: string): void => {
    if (!isOver) controller.enqueue(encoder.encode(text));
  };
  const tell = (events: readonly ApiEvent[]): void => {
    for (const event of events) if (mayHear(principal, event)) send(eventText(event));
  };

  const heartbeat = setInterval(() => {
    if (isFull()) dropOut();
    else send(': still here\n\n');
  }, HEARTBEAT_MS);
  const recheck = setInterval(() => {
    again().then((known) => {
      if (known === undefined) close();
      else principal = known;
    }, close);
  }, RECHECK_MS);
  heartbeat.unref();
  recheck.unref();

  const onEvents = (events: readonly ApiEvent[]): void => {
    if (isCaughtUp ? isFull() : pending.length > MAX_MISSED) dropOut();
    else if (isCaughtUp) tell(events);
    else pending.push(...events);
  };
  const begin = async (): Promise<void> => {
    send('retry: 3000\n: connected\n\n');
    const stop = await hub.listen({ onEvents, onFailure: close });
    stopListening = stop;
    if (isOver) {
      stop();
      return;
    }
    const known = after === undefined ? undefined : await catchUp(after);
    isCaughtUp = true;
    tell(pending.filter(({ position }) => position === undefined || position > (known ?? -1)));
    pending.length = 0;
  };
  /** Returns the position up to which everything was told. */
  const catchUp = async (from: number): Promise<number> => {
    const newest = await newestPosition(store);
    if (from > newest || newest - from > MAX_MISSED) {
      send(`id: ${newest}\nevent: reset\ndata: {}\n\n`);
      return newest;
    }
    let known = from;
    for (;;) {
      const entries = await store.auditEntries({ from: known + 1, limit: ENTRIES_PER_READ });
      if (entries.length === 0 || isOver) return known;
      tell(await loggedEvents(entries, store));
      known = entries.at(-1)?.index ?? known;
      await untilRead();
    }
  };
  const untilRead = async (): Promise<void> => {
    if (!isOver && isFull()) await new Promise<void>((resolve) => (wake = resolve));
  };
  begin().catch(close);
  return {
    onRead: () => {
      wake();
    },
    end,
  };
}
