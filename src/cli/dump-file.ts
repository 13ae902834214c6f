import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { messageOf, SealwatchError } from '../errors.js';
import { LISTS, type Observation, type Page } from '../model/observation.js';
import type { JsonObject } from '../model/json.js';
import type { Server } from '../model/server.js';
import { replaceFile } from './replace-file.js';

const METHODS = LISTS.map(({ method }) => method) as [Page['method'], ...Page['method'][]];

/** Answers are kept as text: what a reader would repair or round is still there to be found. */
const answers = {
  protocolVersion: z.string(),
  handshake: z.string(),
  pages: z.array(z.strictObject({ method: z.enum(METHODS), result: z.string() })),
};

const jsonObject = z.record(z.string(), z.unknown());

const serverSchema = z.strictObject({
  ...answers,
  /** What was found out about where it comes from, besides what the configuration says. */
  certificate: z.array(jsonObject).optional(),
  package: jsonObject.optional(),
  faces: z.array(z.strictObject({ vantage: z.string(), ...answers })).optional(),
});

const dumpSchema = z.strictObject({ dumpVersion: z.literal(1), servers: z.record(z.string(), serverSchema) });

/** What servers answered, as it was received, to be looked at elsewhere. */
export type Dump = z.infer<typeof dumpSchema>;

type Dumped = Dump['servers'][string];

/** Writes the answers of servers as received. */
export function saveDump(file: string, observations: readonly Observation[]): void {
  const servers = Object.fromEntries(observations.map((one) => [one.server, toDumped(one)]));
  try {
    // Definitions can hold secrets.
    replaceFile(file, `${JSON.stringify({ dumpVersion: 1, servers }, undefined, 2)}\n`, 0o600);
  } catch (cause) {
    throw new SealwatchError('DUMP_INVALID', `cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

function toDumped(observation: Observation): object {
  const { certificate, package: described } = observation.provenance;
  const faces = observation.faces?.map((face) => ({ vantage: face.vantage, ...answersOf(face.observation) }));
  return { ...answersOf(observation), certificate, package: described, faces };
}

function answersOf({ protocolVersion, handshake, pages }: Observation): object {
  return { protocolVersion, handshake, pages };
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
 * Returns what a dump says of a server. Where the server comes from is what the configuration says, with what was recorded when the dump was made.
 *
 * @throws {SealwatchError} `OBSERVE_SHAPE` where the dump does not name it, or lacks something that the configuration has recorded
 */
export function observationFrom({ servers }: Dump, server: Server): Observation {
  const dumped = Object.hasOwn(servers, server.id) ? servers[server.id] : undefined;
  if (dumped === undefined) throw new SealwatchError('OBSERVE_SHAPE', 'the dump does not name it');
  const lacking = lackOf(dumped, server);
  // Without it the server would look like one that has none.
  if (lacking !== undefined) throw new SealwatchError('OBSERVE_SHAPE', `the dump does not say ${lacking}`);
  const { faces, certificate, package: described } = dumped;
  const provenance: JsonObject = {
    ...server.provenance,
    ...(certificate === undefined ? {} : { certificate: certificate as JsonObject[] }),
    ...(described === undefined ? {} : { package: described as JsonObject }),
  };
  const own = toObservation(server, dumped, provenance);
  if (faces === undefined) return own;
  return {
    ...own,
    faces: faces.map(({ vantage, ...face }) => ({ vantage, observation: toObservation(server, face, provenance) })),
  };
}

function lackOf({ certificate, package: described, faces }: Dumped, server: Server): string | undefined {
  const { connection } = server;
  if (server.recordsPackage === true && connection.launch !== undefined && described === undefined)
    return 'of which package it is';
  if (connection.kind === 'http' && connection.tls.isRecorded && certificate === undefined)
    return 'with which keys it answered';
  return server.vantages.length > 0 && faces === undefined ? 'what it shows to others' : undefined;
}

function toObservation(
  { id }: Server,
  { protocolVersion, handshake, pages }: Pick<Dumped, 'protocolVersion' | 'handshake' | 'pages'>,
  provenance: JsonObject,
): Observation {
  const answered = { protocolVersion, handshake, pages };
  const rawDigest = createHash('sha256').update(JSON.stringify(answered)).digest('hex');
  return { server: id, vantage: 'default', provenance, rawDigest, durationMs: 0, remarks: [], ...answered };
}
