import { SealwatchError } from '../errors.js';
import type { JsonObject } from '../model/json.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Clock, Packages } from '../ports.js';
import { hideSecrets } from './hide-secrets.js';
import { listSurface } from './list-surface.js';
import type { Connection } from './open-connection.js';
import { rawDigest } from './raw-digest.js';
import type { Session } from './session.js';

/** Lists everything over a connection that is open. @throws {SealwatchError} `OBSERVE_…` */
export async function observeOver(
  server: Server,
  connection: Connection,
  { clock, packages }: { readonly clock: Clock; readonly packages?: Packages | undefined },
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
    const recorded = await recordedPackage(server, connection, packages, signal);
    const own = [...keys, ...recorded];
    return {
      server: server.id,
      vantage: 'default',
      protocolVersion,
      handshake: text,
      pages,
      provenance: provenanceOf(server, keys, recorded),
      rawDigest: rawDigest(protocolVersion, text, pages, own),
      durationMs: Math.round(clock.monotonicMs() - startedAt),
      remarks: [...remarks, ...session.remarks(), ...remarkOf(connection)].map((remark) => hideSecrets(remark, server)),
      ...(session.certificateExpiresAt === undefined ? {} : { certificateExpiresAt: session.certificateExpiresAt }),
    };
  } finally {
    clearTimeout(timer);
  }
}

function remarkOf({ start }: Connection): readonly string[] {
  return start?.remark === undefined ? [] : [start.remark];
}

/** Where certificates are recorded, who answers is part of where the server comes from. */
function recordedKeys({ connection }: Server, session: Session): readonly JsonObject[] {
  return connection.kind === 'http' && connection.tls.isRecorded ? session.certificateKeys : [];
}

/** Where packages are recorded, what is started is part of where the server comes from. */
async function recordedPackage(
  server: Server,
  { start, lifeline }: Connection,
  packages: Packages | undefined,
  signal = new AbortController().signal,
): Promise<readonly JsonObject[]> {
  if (server.recordsPackage !== true) return [];
  // Without its package the server would look like one that has none.
  if (packages === undefined) throw new SealwatchError('PACKAGE_UNREACHED', 'nobody here looks at packages');
  if (start !== undefined) {
    if ((await packages.keyNow?.(server, signal)) === start.key) return [start.recorded];
    // What runs is not what is approved now, or there is something newer to look at.
    const closed = new SealwatchError('OBSERVE_CLOSED', 'another version of its package is to be started now');
    lifeline.fail(closed);
    throw closed;
  }
  const described = await packages.describe(server, signal);
  return described === undefined ? [] : [described];
}

function provenanceOf(
  { provenance }: Server,
  keys: readonly JsonObject[],
  [described]: readonly JsonObject[],
): JsonObject {
  return {
    ...provenance,
    ...(keys.length === 0 ? {} : { certificate: [...keys] }),
    ...(described === undefined ? {} : { package: described }),
  };
}

/** A server that answers each of a thousand pages just in time must not hold an observation for hours. */
const MAX_LISTING_FACTOR = 20;
