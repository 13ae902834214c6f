import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';
import { LISTS, type Observation, type Page } from '../model/observation.js';
import type { Server } from '../model/server.js';

const METHODS = LISTS.map(({ method }) => method) as [Page['method'], ...Page['method'][]];

/** Answers are kept as text: what a reader would repair or round is still there to be found. */
const dumpSchema = z.strictObject({
  dumpVersion: z.literal(1),
  servers: z.record(
    z.string(),
    z.strictObject({
      protocolVersion: z.string(),
      handshake: z.string(),
      pages: z.array(z.strictObject({ method: z.enum(METHODS), result: z.string() })),
    }),
  ),
});

/** What servers answered, as it was received, to be looked at elsewhere. */
export type Dump = z.infer<typeof dumpSchema>;

/** Writes the answers of servers as received. */
export function saveDump(file: string, observations: readonly Observation[]): void {
  const servers = observations.map(({ server, protocolVersion, handshake, pages }) => [
    server,
    { protocolVersion, handshake, pages },
  ]);
  const dump = { dumpVersion: 1, servers: Object.fromEntries(servers) as Dump['servers'] };
  try {
    // Definitions can hold secrets.
    writeFileSync(file, `${JSON.stringify(dump, undefined, 2)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new SealwatchError('DUMP_INVALID', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** @throws {SealwatchError} `DUMP_INVALID` */
export function loadDump(file: string): Dump {
  try {
    return dumpSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
    throw new SealwatchError('DUMP_INVALID', `cannot read ${file} as a dump: ${reason}`, { cause });
  }
}

/**
 * Returns what a dump says of a server. Where the server comes from is what the configuration says.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE` where the dump does not name it
 */
export function observationFrom({ servers }: Dump, { id, provenance }: Server): Observation {
  const written = Object.hasOwn(servers, id) ? servers[id] : undefined;
  if (written === undefined) throw new SealwatchError('OBSERVE_SHAPE', 'the dump does not name it');
  const rawDigest = createHash('sha256').update(JSON.stringify(written)).digest('hex');
  return { server: id, vantage: 'default', provenance, rawDigest, durationMs: 0, remarks: [], ...written };
}
