import { SealwatchError } from '../errors.js';
import { suggestMasks } from '../integrity/suggest-masks.js';
import type { ChangeRequest } from '../model/change-request.js';
import type { Checked, Transition } from '../model/inspection.js';
import type { Mask } from '../model/mask.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Server } from '../model/server.js';
import type { ServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import { reviewFrom } from '../policy/due-for-review.js';
import { oldEnoughFrom } from '../policy/hold-package.js';
import { nextTransition } from '../policy/next-transition.js';
import type { InspectionRecord, Standing } from '../ports.js';
import { requestAlerts } from './alert.js';
import { consult } from './consult.js';
import { type MonitorDeps, rulesDigest, VANTAGE } from './deps.js';
import { evaluate, scanBoth } from './evaluate.js';
import { toldOn } from './told.js';
import { unchangedKey } from './unchanged-key.js';

/** A snapshot's meaning, recorded, with the request that is open afterwards. */
export type RecordedCheck = Checked & {
  readonly request: ChangeRequest | undefined;
  readonly transition: Transition['kind'];
};

/** How a snapshot came to be evaluated. */
export interface Occasion {
  readonly kind: InspectionRecord['occasion'];
  /** Neighbours newer than what the store has. */
  readonly fresh: readonly Neighbour[];
  readonly durationMs: number;
  readonly remarks: readonly string[];
}

/** Somebody may decide while we evaluate; then the result would be about a baseline that is gone. */
const MAX_CONFLICTS = 5;

/**
 * Evaluates a snapshot against what is approved now and records all of it in one transaction.
 *
 * @throws {SealwatchError} `STORE_CONFLICT` when decisions keep coming in between, other `STORE_…`, `AUDIT_BROKEN`.
 */
export async function recordSnapshot(
  server: Pick<Server, 'id' | 'firstUse' | 'provenance' | 'limits' | 'reviewEveryMs' | 'labels'>,
  snapshot: Snapshot,
  occasion: Occasion,
  deps: MonitorDeps,
): Promise<RecordedCheck> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await evaluateAndRecord(server, snapshot, occasion, deps);
    } catch (error) {
      const isConflict = error instanceof SealwatchError && error.code === 'STORE_CONFLICT';
      if (!isConflict || attempt >= MAX_CONFLICTS) throw error;
    }
  }
}

async function evaluateAndRecord(
  server: Pick<Server, 'id' | 'firstUse' | 'provenance' | 'limits' | 'reviewEveryMs' | 'labels'>,
  snapshot: Snapshot,
  occasion: Occasion,
  deps: MonitorDeps,
): Promise<RecordedCheck> {
  const { store } = deps;
  const now = deps.clock.now();
  const stamp = await store.loadStamp(server.id, VANTAGE);
  const standing = await store.loadStanding(server.id, VANTAGE);
  const neighbours = merge(await store.loadNeighbours(server.id), occasion.fresh, server.id);
  const askAgainAt = await consult(snapshot, standing.baseline, deps);
  const scans = await scanBoth(snapshot, standing.baseline, neighbours, deps);
  const evaluation = evaluate(snapshot, standing, { server, now }, scans, deps.policy);
  const { requested } = evaluation;
  const same = requested && (await store.findRequest(server.id, VANTAGE, requested.asked));
  const transition = nextTransition({ open: standing.open, requested, same });
  const inspection: Checked = {
    kind: 'checked',
    server: server.id,
    vantage: VANTAGE,
    at: now.toISOString(),
    durationMs: occasion.durationMs,
    snapshot,
    remarks: occasion.remarks,
    suggestedMasks: await suggestionsFor(snapshot, standing, deps),
    key: unchangedKey({
      rawDigest: snapshot.rawDigest,
      rulesDigest: rulesDigest(deps),
      policy: deps.policy,
      server,
      stamp,
      until: [
        ...standing.waivers.map(({ expiresAt }) => expiresAt),
        askAgainAt,
        reviewFrom(standing.baseline, server.reviewEveryMs),
        oldEnoughFrom(snapshot, deps.policy.packages),
      ],
      now,
    }),
    ...evaluation,
  };
  if (occasion.kind === 'import') refuseWhereAnotherIsOpen(standing, transition);
  const told = transition.kind === 'supersede' && standing.open ? await toldOn(standing.open, deps) : [];
  const alerts = requestAlerts(inspection, transition, server, { standing, toldOn: told }, deps);
  const expectedRevision = standing.revision;
  const request = await store.record({ inspection, occasion: occasion.kind, expectedRevision, transition, alerts });
  return { ...inspection, request, transition: transition.kind };
}

function refuseWhereAnotherIsOpen({ open }: Standing, { kind }: Transition): void {
  if (open === undefined || kind === 'keep') return;
  throw new SealwatchError('REQUEST_OPEN', `${open.server}: request ${open.id} waits for a decision`);
}

async function suggestionsFor(snapshot: Snapshot, standing: Standing, deps: MonitorDeps): Promise<readonly Mask[]> {
  if (standing.last === undefined || standing.last.snapshotDigest === snapshot.digest) return [];
  const before = await deps.store.loadSnapshot(snapshot.server, snapshot.vantage);
  return before === undefined ? [] : suggestMasks(before, snapshot);
}

function merge(stored: readonly Neighbour[], fresh: readonly Neighbour[], self: ServerId): readonly Neighbour[] {
  const merged = new Map([...stored, ...fresh].map((neighbour) => [neighbour.server, neighbour]));
  merged.delete(self);
  return [...merged.values()];
}
