import { SealwatchError } from '../errors.js';
import type { JsonObject, JsonValue } from '../model/json.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import { hideSecrets } from './hide-secrets.js';
import { type Lifeline, lifelineOf } from './lifeline.js';
import { observeOver } from './observe-over.js';
import { type Connection, openConnection } from './open-connection.js';
import type { ObserverOptions } from './observer.js';
import type { Answer, Peer } from './session.js';
import type { Introduction } from './shake-hands.js';
import { announcesChanges, subscribe } from './subscribe.js';
import { withToken } from './with-token.js';

/** A connection to a server on behalf of one client. */
export interface Upstream {
  readonly protocolVersion: string;
  /** `result` of `initialize` or `server/discover`, as received. */
  readonly handshake: string;
  readonly capabilities: JsonValue | undefined;
  /** Lists everything anew over this connection. @throws {SealwatchError} `OBSERVE_…` */
  observe(signal: AbortSignal): Promise<Observation>;
  /**
   * Asks what the client asked; when that is called off, the server is told so.
   *
   * @throws {SealwatchError} `OBSERVE_…`
   */
  request(method: string, params: JsonObject, life: Lifeline): Promise<Answer>;
  notify(method: string, params: JsonObject): Promise<void>;
  /** Calls back when the server announces that a list changed. */
  onListChanged(listener: () => void): void;
  relayTo(peer: Peer): void;
  /** Resolves when the connection has ended; never rejects. */
  readonly closed: Promise<SealwatchError>;
  close(): Promise<void>;
}

/** Opens connections to servers on behalf of clients. */
export type OpenUpstream = (server: Server, introduction: Introduction, signal: AbortSignal) => Promise<Upstream>;

/**
 * Returns what opens connections to servers on behalf of clients: held to the allowlist, pins and addresses like every other, with
 * our token, and with the name and the capabilities of the client.
 */
export function createOpenUpstream(options: Omit<ObserverOptions, 'clientVersion'>): OpenUpstream {
  return async (server, introduction, signal) =>
    await withToken(server, options, async (known) => {
      const { lifeline, release } = lifelineOf(signal);
      try {
        const start = await options.packages?.prepare?.(known, signal);
        const connection = await openConnection(known, { ...options, ...introduction, lifeline, start });
        connection.session.endObservation();
        if (announcesChanges(connection)) subscribe(connection);
        return hold(known, connection, options, release);
      } catch (error) {
        release();
        throw safe(error, known);
      }
    });
}

function hold(
  server: Server,
  connection: Connection,
  options: Pick<ObserverOptions, 'clock' | 'packages'>,
  release: () => void,
): Upstream {
  const { session, handshake, lifeline } = connection;
  const { protocolVersion, text, capabilities } = handshake;
  return {
    protocolVersion,
    handshake: text,
    capabilities,
    observe: async (signal) => await observeOver(server, connection, options, options.clock.monotonicMs(), signal),
    request: async (method, params, life) => await session.relay(method, params, life),
    notify: async (method, params) => {
      await session.notify(method, params);
    },
    onListChanged: (listener) => {
      session.onListChanged(listener);
    },
    relayTo: (peer) => {
      session.relayTo(peer);
    },
    closed: whenEnded(lifeline).then(async (reason) => {
      await connection.close();
      release();
      return safe(reason, server);
    }),
    close: async () => {
      await connection.close();
    },
  };
}

async function whenEnded(lifeline: Lifeline): Promise<SealwatchError> {
  return await new Promise((resolve) => {
    lifeline.onEnd(resolve);
  });
}

function safe(error: unknown, server: Server): SealwatchError {
  if (!(error instanceof SealwatchError))
    return new SealwatchError('INTERNAL', 'the connection failed', { cause: error });
  return new SealwatchError(error.code, hideSecrets(error.message, server), { cause: error });
}
