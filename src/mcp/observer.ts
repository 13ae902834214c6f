import { messageOf, SealwatchError } from '../errors.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Client } from '../model/vantage.js';
import type { Clock, Observer, ObserverSession, Packages, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { hideSecrets } from './hide-secrets.js';
import { abortedError, type Lifeline, lifelineOf } from './lifeline.js';
import { type Connection, openConnection } from './open-connection.js';
import { type Look, withFaces } from './observe-faces.js';
import { observeOver } from './observe-over.js';
import { Postures } from './observe-posture.js';
import { announcesChanges, subscribe } from './subscribe.js';
import { withStart } from './with-start.js';
import { withToken } from './with-token.js';

export interface ObserverOptions {
  readonly clock: Clock;
  /** Our own version, which servers are told. */
  readonly clientVersion: string;
  /** Where tokens are kept; absent where nobody can sign in. */
  readonly vault?: Vault;
  /** Absent where no package is recorded. */
  readonly packages?: Packages;
}

/** Returns what talks to servers: at the level of JSON-RPC messages, from the bytes received. */
export function createObserver({ clientVersion, ...rest }: ObserverOptions): Observer {
  const client = { name: 'sealwatch', version: clientVersion };
  const options: Context = { ...rest, client, postures: new Postures(rest) };
  return {
    observe: async (server, signal) =>
      await withToken(server, options, (known) => withSafeErrors(known, observeAll(known, options, signal))),
    connect: async (server, onListChanged, signal) =>
      await withToken(server, options, (known) =>
        withSafeErrors(known, openSession(known, options, onListChanged, signal)),
      ),
  };
}

type Context = Omit<ObserverOptions, 'clientVersion'> & { readonly client: Client; readonly postures: Postures };

async function observeAll(server: Server, options: Context, signal: AbortSignal): Promise<Observation> {
  return await withRest(await observeOnce(server, options, signal), server, options, signal);
}

/** What is found out over other connections than the one that lists. */
async function withRest(own: Observation, server: Server, options: Context, signal: AbortSignal): Promise<Observation> {
  const seen = await withFaces(own, server, lookWith(options, signal));
  return await options.postures.addTo(seen, server);
}

function lookWith(options: Context, signal: AbortSignal): Look {
  return (server, client = options.client) => observeOnce(server, { ...options, client }, signal);
}

async function observeOnce(server: Server, options: Context, signal: AbortSignal): Promise<Observation> {
  const startedAt = options.clock.monotonicMs();
  return await withStart(server, options.packages, signal, async (start) => {
    const { lifeline, release } = lifelineOf(signal);
    try {
      const connection = await openConnection(server, { ...options, lifeline, start });
      try {
        return await observeOver(server, connection, options, startedAt);
      } finally {
        await connection.close();
      }
    } finally {
      release();
    }
  });
}

async function openSession(
  server: Server,
  options: Context,
  onListChanged: () => void,
  signal: AbortSignal,
): Promise<ObserverSession> {
  return await withStart(server, options.packages, signal, async (start) => {
    const { lifeline, release } = lifelineOf(signal);
    let connection: Connection;
    try {
      connection = await openConnection(server, { ...options, lifeline, start });
    } catch (error) {
      release();
      throw error;
    }
    connection.session.endObservation();
    return holdConnection(server, connection, { ...options, onListChanged, release });
  });
}

function holdConnection(
  server: Server,
  connection: Connection,
  options: Context & { readonly onListChanged: () => void; readonly release: () => void },
): ObserverSession {
  const { session, lifeline } = connection;
  const running = new Set<Promise<unknown>>();
  // A change that is announced while we list is listed again by the listing itself.
  session.onListChanged(() => {
    if (running.size === 0) options.onListChanged();
  });
  const announces = announcesChanges(connection);
  if (announces) subscribe(connection);
  const closed = whenClosed(server, connection, options.release);
  return {
    announcesChanges: announces,
    closed,
    close: async () => {
      // Closing is no reason for an observation that is under way to fail.
      await Promise.allSettled(running);
      await connection.close();
      await closed;
    },
    observe: async (signal) => {
      if (signal.aborted) throw abortedError();
      const observing = observeOver(server, connection, options, options.clock.monotonicMs(), signal).then((own) =>
        withRest(own, server, options, signal),
      );
      running.add(observing);
      try {
        return await withSafeErrors(server, observing);
      } catch (error) {
        if (error instanceof SealwatchError && BROKEN.includes(error.code)) lifeline.fail(error);
        throw error;
      } finally {
        running.delete(observing);
      }
    },
  };
}

/** After these the server has forgotten us, or hangs: the connection is of no more use, and its holder opens a new one. */
const BROKEN = ['OBSERVE_TIMEOUT', 'OBSERVE_HTTP_STATUS', 'OBSERVE_CONNECT_FAILED'];

async function whenClosed(
  server: Server,
  connection: Connection,
  release: () => void,
): Promise<{ code: SealwatchError['code']; message: string }> {
  const { code, message } = await endOf(connection.lifeline);
  await connection.close();
  release();
  return { code, message: hideSecrets(message, server) };
}

async function endOf(lifeline: Lifeline): Promise<SealwatchError> {
  return await new Promise((resolve) => {
    lifeline.onEnd(resolve);
  });
}

/** What is no error of ours is a fault, but an observation that failed all the same. No error carries a configured secret. */
async function withSafeErrors<T>(server: Server, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof SealwatchError ? error.code : 'INTERNAL';
    const message =
      error instanceof SealwatchError ? error.message : `the observation failed: ${quote(messageOf(error))}`;
    throw new SealwatchError(code, hideSecrets(message, server), { cause: error });
  }
}
