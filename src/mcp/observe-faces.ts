import { createHash } from 'node:crypto';

import { messageOf, SealwatchError } from '../errors.js';
import type { Face, Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import { DEFAULT_TLS } from '../model/tls.js';
import type { Client } from '../model/vantage.js';
import { challengeOf } from './challenge.js';

/** Lists a server over a connection of its own, as a client that is told. */
export type Look = (server: Server, client: Client | undefined) => Promise<Observation>;

/**
 * Returns an observation with what the server shows to the vantages of its configuration. Whoever asks without credentials and is
 * refused (401, or 403 for want of rights) is shown nothing, which is what authorization is for.
 *
 * @throws {SealwatchError} `OBSERVE_…`, `TLS_…` where it cannot be told what one of them is shown.
 */
export async function withFaces(own: Observation, server: Server, look: Look): Promise<Observation> {
  const faces: Face[] = [];
  // One after the other: a local server is started anew for each.
  for (const { name, client, hasCredentials } of server.vantages) {
    const asked = hasCredentials ? server : anonymous(server);
    try {
      faces.push({ vantage: name, observation: await look(asked, client) });
    } catch (error) {
      if (!hasCredentials && (await challengeOf(error)) !== undefined) continue;
      const code = error instanceof SealwatchError ? error.code : 'INTERNAL';
      throw new SealwatchError(code, `asked as ${name}: ${messageOf(error)}`, { cause: error });
    }
  }
  if (server.vantages.length === 0) return own;
  return { ...own, faces, rawDigest: digestOf(own, faces) };
}

function anonymous(server: Server): Server {
  const { connection } = server;
  if (connection.kind !== 'http') return server;
  const tls = { ...connection.tls, client: DEFAULT_TLS.client };
  return { ...server, connection: { ...connection, headers: {}, oauth: undefined, tls } };
}

function digestOf(own: Observation, faces: readonly Face[]): string {
  const all = [own.rawDigest, ...faces.flatMap(({ vantage, observation }) => [vantage, observation.rawDigest])];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}
