import { createHash } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import type { JsonObject } from '../model/json.js';
import type { Observation } from '../model/observation.js';
import type { PostureLine, PostureProbe } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { Clock, Vault } from '../ports.js';
import { readPosture } from './posture.js';

/** It changes seldom, and a server may well limit how often metadata is asked for. */
const FRESH_MS = 60 * 60_000;

/** Not for every check: it leaves something behind each time. */
const ONCE: readonly PostureProbe[] = ['registration'];

/** They change by themselves: what a server announces about limits is in some answers only, and every certificate ends. */
const PASSING = ['rate-limit', 'certificate-life'];

/** Adds to an observation what the server meets of what the specification asks for, where that is recorded. */
export class Postures {
  readonly #options: { readonly clock: Clock; readonly vault?: Vault | undefined };
  readonly #known = new Map<ServerId, { readonly at: number; readonly posture: JsonObject }>();

  constructor(options: { readonly clock: Clock; readonly vault?: Vault | undefined }) {
    this.#options = options;
  }

  /** @throws {SealwatchError} `OBSERVE_…` where it could not be told: then there is no observation. */
  async addTo(own: Observation, server: Server): Promise<Observation> {
    const { connection } = server;
    if (connection.kind !== 'http' || !connection.posture.isRecorded) return own;
    const posture = await this.#read(own, server, connection);
    const digest = createHash('sha256')
      .update(JSON.stringify([own.rawDigest, posture]))
      .digest('hex');
    return { ...own, posture, rawDigest: digest };
  }

  async #read(own: Observation, server: Server, connection: HttpConnection): Promise<JsonObject> {
    const now = this.#options.clock.monotonicMs();
    const known = this.#known.get(server.id);
    if (known !== undefined && now - known.at < FRESH_MS) return known.posture;
    const probes = connection.posture.probes.filter((probe) => !ONCE.includes(probe));
    const looked = { ...connection, posture: { ...connection.posture, probes } };
    const { lines, fault } = await readPosture(server, looked, {
      ...this.#options,
      protocolVersion: own.protocolVersion,
    });
    // Without its cause: what a probe was answered is no answer to us.
    if (fault !== undefined) throw new SealwatchError(fault.code, `asked for its posture: ${fault.message}`);
    const posture = toFact(lines);
    this.#known.set(server.id, { at: now, posture });
    return posture;
  }
}

/** Returns the status of each line that could be told: what is seen may be worded another way each time. */
function toFact(lines: readonly PostureLine[]): JsonObject {
  const told = lines.filter(({ id, status }) => status !== 'could not tell' && !PASSING.includes(id));
  return Object.fromEntries(told.map(({ id, status }) => [id, status]));
}
