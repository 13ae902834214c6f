import type { RequestView } from '../model/alert.js';
import { type ChangeRequest, reviewedVersion } from '../model/change-request.js';
import type { Decision } from '../model/decision.js';
import type { Evaluation } from '../model/inspection.js';
import type { Server } from '../model/server.js';
import type { Snapshot } from '../model/snapshot.js';
import { blockRefused } from '../policy/refusal.js';
import { holdUnchecked } from '../policy/unchecked.js';
import type { Standing, Store } from '../ports.js';
import { type MonitorDeps, VANTAGE } from './deps.js';
import { evaluate, scanBoth } from './evaluate.js';

/** What holds for one server now, out of the store. */
export interface Assessment {
  readonly server: Server;
  readonly standing: Standing;
  /** The newest complete snapshot; `undefined` where there never was one. */
  readonly snapshot: Snapshot | undefined;
  readonly evaluation: Evaluation | undefined;
  /** Verdicts in force: what was not checked for too long is held, what we refuse to talk to is blocked. Empty where there is no snapshot. */
  readonly decisions: readonly Decision[];
}

/**
 * Returns what holds for a server now, from the newest snapshot and the approvals in the store; connects to nothing.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function assess(server: Server, deps: MonitorDeps): Promise<Assessment> {
  const { store, clock } = deps;
  const now = clock.now();
  const standing = await store.loadStanding(server.id, VANTAGE);
  const snapshot = await store.loadSnapshot(server.id, VANTAGE);
  if (snapshot === undefined) return { server, standing, snapshot, evaluation: undefined, decisions: [] };
  const neighbours = await store.loadNeighbours(server.id);
  const scans = await scanBoth(snapshot, standing.baseline, neighbours, deps);
  const evaluation = evaluate(snapshot, standing, { server, now }, scans, deps.policy);
  const { maxUncheckedMs } = server;
  const held = holdUnchecked(evaluation.decisions, { lastCheckAt: standing.last?.at, now, maxUncheckedMs });
  const decisions = blockRefused(held, standing.outage);
  return { server, standing, snapshot, evaluation, decisions };
}

/**
 * Returns the verdicts on a listing that was just received, by what is approved now. Nothing is recorded.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function verdictsOn(snapshot: Snapshot, server: Server, deps: MonitorDeps): Promise<readonly Decision[]> {
  const { store, clock, policy } = deps;
  const standing = await store.loadStanding(server.id, VANTAGE);
  const scans = await scanBoth(snapshot, standing.baseline, await store.loadNeighbours(server.id), deps);
  const { decisions } = evaluate(snapshot, standing, { server, now: clock.now() }, scans, policy);
  return blockRefused(decisions, standing.outage);
}

/** Returns a request with every text that a reader needs to see the change. */
export async function loadView(request: ChangeRequest, store: Store): Promise<RequestView> {
  const reviewed = request.review.map((refText) => reviewedVersion(request, refText));
  const versions = [...request.changes.flatMap(({ before, after }) => [before, after]), ...reviewed];
  const named = versions.filter((version) => version !== undefined);
  return { request, contents: await store.loadContents([...new Set(named)]) };
}
