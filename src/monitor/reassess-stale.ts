import type { Server } from '../model/server.js';
import { type MonitorDeps, rulesDigest, VANTAGE } from './deps.js';
import { type RecordedCheck, recordSnapshot } from './record-snapshot.js';
import { tryTo } from './try-to.js';
import { isSameKey, unchangedKey } from './unchanged-key.js';

/**
 * Evaluates a server again if its newest listing was evaluated when other servers had other names, or with other decisions or
 * rules than now: names that collide are found whichever server answered first. Returns what that came to, recorded;
 * `undefined` where nothing was stale.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function reassessStale(server: Server, deps: MonitorDeps): Promise<RecordedCheck | undefined> {
  if (!(await isStale(server, deps))) return undefined;
  const recorded = await tryTo(server, deps.clock, () => reassess(server, deps));
  // A listing that makes us stumble is reported by the next run.
  return recorded?.kind === 'checked' ? recorded : undefined;
}

async function isStale(server: Server, deps: MonitorDeps): Promise<boolean> {
  const { store, policy, clock } = deps;
  const { last } = await store.loadStanding(server.id, VANTAGE);
  if (last === undefined) return false;
  const stamp = await store.loadStamp(server.id, VANTAGE);
  const now = clock.now();
  const { rawDigest } = last;
  const fresh = unchangedKey({ rawDigest, rulesDigest: rulesDigest(deps), policy, server, stamp, until: [], now });
  return !isSameKey(stamp.key, fresh, now);
}

async function reassess(server: Server, deps: MonitorDeps): Promise<RecordedCheck | undefined> {
  const snapshot = await deps.store.loadSnapshot(server.id, VANTAGE);
  if (snapshot === undefined) return undefined;
  return recordSnapshot(server, snapshot, { kind: 'decision', fresh: [], durationMs: 0, remarks: [] }, deps);
}
