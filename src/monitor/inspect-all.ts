import type { Neighbour } from '../model/neighbour.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import type { MonitorDeps } from './deps.js';
import { conclude, type Inspection, type Prepared, prepare } from './inspect.js';
import { createWorkLimits, type WorkLimitOptions } from './work-limits.js';

export interface InspectAllOptions extends WorkLimitOptions {
  readonly onProgress?: (event: Progress) => void;
}

export interface Progress {
  readonly server: ServerId;
  readonly state: 'started' | 'observed' | 'unchecked';
}

/**
 * Observes all servers first and evaluates them then, so that names that collide are found whichever server answers first.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`. A server that could not be observed is an outcome among the others.
 */
export async function inspectAll(
  servers: readonly Server[],
  deps: MonitorDeps,
  options: InspectAllOptions,
  signal: AbortSignal,
): Promise<readonly Inspection[]> {
  const limits = createWorkLimits(options);
  const pairs = await Promise.all(
    servers.map((server) => limits.add(server, () => prepareOne(server, deps, options, signal))),
  );
  const fresh = pairs.flatMap(({ prepared }) => neighbourOf(prepared));
  const inspections: Inspection[] = [];
  for (const { server, prepared } of pairs) inspections.push(await conclude(server, prepared, fresh, deps));
  return inspections;
}

async function prepareOne(
  server: Server,
  deps: MonitorDeps,
  options: InspectAllOptions,
  signal: AbortSignal,
): Promise<{ readonly server: Server; readonly prepared: Prepared }> {
  options.onProgress?.({ server: server.id, state: 'started' });
  const prepared = await prepare(server, deps, () => deps.observer.observe(server, signal));
  options.onProgress?.({ server: server.id, state: prepared.kind === 'unchecked' ? 'unchecked' : 'observed' });
  return { server, prepared };
}

/** Where the bytes are equal the store has the names already. */
function neighbourOf(prepared: Prepared): readonly Neighbour[] {
  return prepared.kind === 'different' ? [toNeighbour(prepared.snapshot)] : [];
}

/** Returns the names of a server's tools, for the scan of the others. */
export function toNeighbour({ server, definitions }: Snapshot): Neighbour {
  const tools = definitions.filter(({ ref }) => ref.kind === 'tool' && ref.position === undefined);
  return { server, tools: tools.map(({ ref }) => ref.name) };
}
