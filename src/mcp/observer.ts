import { messageOf, SealwatchError } from '../errors.js';
import { type JsonObject, memberOf } from '../model/json.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Clock, Observer, ObserverSession, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { hideSecrets } from './hide-secrets.js';
import { abortedError, type Lifeline, lifelineOf } from './lifeline.js';
import { listSurface } from './list-surface.js';
import { type Connection, openConnection } from './open-connection.js';
import { rawDigest } from './raw-digest.js';
import type { Session } from './session.js';
import { subscribe } from './subscribe.js';
import { withToken } from './with-token.js';

export interface ObserverOptions {
  readonly clock: Clock;
  /** Our own version, which servers are told. */
  readonly clientVersion: string;
  /** Where tokens are kept; absent where nobody can sign in. */
  readonly vault?: Vault;
}

/** Returns what talks to servers: at the level of JSON-RPC messages, from the bytes received. */
export function createObserver(options: ObserverOptions): Observer {
  return {
    observe: async (server, signal) =>
      await withToken(server, options, (known) => withSafeErrors(known, observeOnce(known, options, signal))),
    connect: async (server, onListChanged, signal) =>
      await withToken(server, options, (known) =>
        withSafeErrors(known, openSession(known, options, onListChanged, signal)),
      ),
  };
}

async function observeOnce(server: Server, options: ObserverOptions, signal: AbortSignal): Promise<Observation> {
  const startedAt = options.clock.monotonicMs();
  const { lifeline, release } = lifelineOf(signal);
  try {
    const connection = await openConnection(server, { ...options, lifeline });
    try {
      return await observe(server, connection, options.clock, startedAt);
    } finally {
      await connection.close();
    }
  } finally {
    release();
  }
}

async function openSession(
  server: Server,
  options: ObserverOptions,
  onListChanged: () => void,
  signal: AbortSignal,
): Promise<ObserverSession> {
  const { lifeline, release } = lifelineOf(signal);
  let connection: Connection;
  try {
    connection = await openConnection(server, { ...options, lifeline });
  } catch (error) {
    release();
    throw error;
  }
  connection.session.endObservation();
  return holdConnection(server, connection, { ...options, onListChanged, release });
}

function holdConnection(
  server: Server,
  connection: Connection,
  options: ObserverOptions & { readonly onListChanged: () => void; readonly release: () => void },
): ObserverSession {
  const { session, handshake, lifeline } = connection;
  const running = new Set<Promise<unknown>>();
  // A change that is announced while we list is listed again by the listing itself.
  session.onListChanged(() => {
    if (running.size === 0) options.onListChanged();
  });
  const announcesChanges = ANNOUNCING.some(
    (list) => memberOf(memberOf(handshake.capabilities, list), 'listChanged') === true,
  );
  if (announcesChanges) subscribe(connection);
  const closed = whenClosed(server, connection, options.release);
  return {
    announcesChanges,
    closed,
    close: async () => {
      // Closing is no reason for an observation that is under way to fail.
      await Promise.allSettled(running);
      await connection.close();
      await closed;
    },
    observe: async (signal) => {
      if (signal.aborted) throw abortedError();
      const observing = observe(server, connection, options.clock, options.clock.monotonicMs(), signal);
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

const ANNOUNCING = ['tools', 'prompts', 'resources'];

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

async function observe(
  server: Server,
  connection: Connection,
  clock: Clock,
  startedAt: number,
  signal?: AbortSignal,
): Promise<Observation> {
  const { session, handshake, lifeline } = connection;
  const { protocolVersion, text } = handshake;
  const timer = setTimeout(() => {
    lifeline.fail(session.timeoutError('the listing was not complete', server.limits.requestMs * MAX_LISTING_FACTOR));
  }, server.limits.requestMs * MAX_LISTING_FACTOR);
  try {
    const { pages, remarks } = await listSurface(session, handshake.capabilities, server.limits, signal);
    const keys = recordedKeys(server, session);
    return {
      server: server.id,
      vantage: 'default',
      protocolVersion,
      handshake: text,
      pages,
      provenance: keys.length === 0 ? server.provenance : { ...server.provenance, certificate: [...keys] },
      rawDigest: rawDigest(protocolVersion, text, pages, keys),
      durationMs: Math.round(clock.monotonicMs() - startedAt),
      remarks: [...remarks, ...session.remarks()].map((remark) => hideSecrets(remark, server)),
      ...(session.certificateExpiresAt === undefined ? {} : { certificateExpiresAt: session.certificateExpiresAt }),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Where certificates are recorded, who answers is part of where the server comes from. */
function recordedKeys({ connection }: Server, session: Session): readonly JsonObject[] {
  return connection.kind === 'http' && connection.tls.isRecorded ? session.certificateKeys : [];
}

/** A server that answers each of a thousand pages just in time must not hold an observation for hours. */
const MAX_LISTING_FACTOR = 20;

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
