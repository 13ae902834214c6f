import { takeSnapshot } from '../integrity/take-snapshot.js';
import type { Unchanged, Unchecked } from '../model/inspection.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Observation } from '../model/observation.js';
import type { Server } from '../model/server.js';
import type { Snapshot } from '../model/snapshot.js';
import { certificateAlerts, uncheckedAlerts } from './alert.js';
import { withCertificateEnd } from './certificate-end.js';
import { type MonitorDeps, rulesDigest, VANTAGE } from './deps.js';
import { type RecordedCheck, recordSnapshot } from './record-snapshot.js';
import { tryTo } from './try-to.js';
import { isSameKey, unchangedKey } from './unchanged-key.js';

/** What one run on one server came to. */
export type Inspection = RecordedCheck | Unchanged | Unchecked;

/**
 * Observes one server over a connection of its own and records what that means.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`. A server that could not be observed is an {@link Unchecked}.
 */
export async function inspect(server: Server, deps: MonitorDeps, signal: AbortSignal): Promise<Inspection> {
  const prepared = await prepare(server, deps, () => deps.observer.observe(server, signal));
  return conclude(server, prepared, [], deps);
}

/** An observation on its way to the store. */
export type Prepared =
  | { readonly kind: 'equal'; readonly observation: Observation }
  | { readonly kind: 'different'; readonly observation: Observation; readonly snapshot: Snapshot }
  | Unchecked;

/** Observes (by `list`) and parses; equal bytes under equal rules and decisions are not even parsed. */
export async function prepare(server: Server, deps: MonitorDeps, list: () => Promise<Observation>): Promise<Prepared> {
  return tryTo(server, deps.clock, async () => {
    const observation = withCertificateEnd(await list(), deps);
    if (await isUnchanged(server, observation, deps)) return { kind: 'equal', observation };
    const snapshot = takeSnapshot(observation, { volatile: server.volatile, limits: server.limits });
    return { kind: 'different', observation, snapshot };
  });
}

/** Records what an observation, or the failure of one, means. `fresh` are neighbours newer than what the store has. */
export async function conclude(
  server: Server,
  prepared: Prepared,
  fresh: readonly Neighbour[],
  deps: MonitorDeps,
): Promise<Inspection> {
  if (prepared.kind !== 'unchecked') await warnOfCertificate(server, prepared.observation, deps);
  const inspection = await record(server, prepared, fresh, deps);
  deps.telemetry.inspected({ server: server.id, outcome: inspection.kind, durationMs: inspection.durationMs });
  return inspection;
}

async function record(
  server: Server,
  prepared: Prepared,
  fresh: readonly Neighbour[],
  deps: MonitorDeps,
): Promise<Inspection> {
  switch (prepared.kind) {
    case 'equal':
      return recordUnchanged(prepared.observation, deps);
    case 'different': {
      const { durationMs, remarks } = prepared.observation;
      const occasion = { kind: 'observation', fresh, durationMs, remarks } as const;
      // What makes us stumble was made by the server: that is "could not check" too, and must not stop the other servers.
      const recorded = await tryTo(server, deps.clock, () => recordSnapshot(server, prepared.snapshot, occasion, deps));
      return recorded.kind === 'unchecked' ? recordUnchecked(server, recorded, deps) : recorded;
    }
    case 'unchecked':
      return recordUnchecked(server, prepared, deps);
  }
}

async function isUnchanged(server: Server, observation: Observation, deps: MonitorDeps): Promise<boolean> {
  const { store, policy, clock } = deps;
  const stamp = await store.loadStamp(server.id, VANTAGE);
  const now = clock.now();
  const { rawDigest } = observation;
  const fresh = unchangedKey({ rawDigest, rulesDigest: rulesDigest(deps), policy, server, stamp, until: [], now });
  return isSameKey(stamp.key, fresh, now);
}

async function warnOfCertificate(
  server: Server,
  { certificateExpiresAt }: Observation,
  deps: MonitorDeps,
): Promise<void> {
  if (certificateExpiresAt === undefined) return;
  const now = deps.clock.now();
  const alerts = certificateAlerts(server, certificateExpiresAt, now, deps);
  if (alerts.length > 0) await deps.store.raise(alerts, now.toISOString());
}

async function recordUnchanged(observation: Observation, deps: MonitorDeps): Promise<Unchanged> {
  const { server, vantage, durationMs } = observation;
  const at = deps.clock.now().toISOString();
  await deps.store.recordUnchanged(server, vantage, at);
  return { kind: 'unchanged', server, vantage, at, durationMs };
}

async function recordUnchecked(server: Server, unchecked: Unchecked, deps: MonitorDeps): Promise<Unchecked> {
  const standing = await deps.store.loadStanding(server.id, VANTAGE);
  await deps.store.recordFailure(unchecked, uncheckedAlerts(unchecked, server, standing, deps));
  return unchecked;
}
