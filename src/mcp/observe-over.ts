import type { JsonObject } from '../model/json.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Clock } from '../ports.js';
import { hideSecrets } from './hide-secrets.js';
import { listSurface } from './list-surface.js';
import type { Connection } from './open-connection.js';
import { rawDigest } from './raw-digest.js';
import type { Session } from './session.js';

/** Lists everything over a connection that is open. @throws {SealwatchError} `OBSERVE_…` */
export async function observeOver(
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
