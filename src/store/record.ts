import { SealwatchError } from '../errors.js';
import type { NewAlert } from '../model/alert.js';
import { actorText, type ChangeRequest } from '../model/change-request.js';
import type { Checked, Unchecked } from '../model/inspection.js';
import type { InspectionRecord } from '../ports.js';
import { saveAlerts } from './alerts.js';
import { applyTransition } from './apply-transition.js';
import { grantAll } from './approvals.js';
import { countFailure, findCheck, saveCheck } from './checks.js';
import { readWrittenRequest } from './read-requests.js';
import { findOpenRequest } from './requests.js';
import { saveSightings } from './sightings.js';
import { saveSnapshot } from './snapshots.js';
import { saveSurface } from './surfaces.js';
import type { Writing } from './transactions.js';
import { saveVersions } from './versions.js';

/**
 * Records everything an inspection established. Returns the request that is open afterwards.
 *
 * @throws {SealwatchError} `STORE_CONFLICT` where somebody decided, or another inspection was recorded, meanwhile.
 */
export async function recordInspection(writing: Writing, record: InspectionRecord): Promise<ChangeRequest | undefined> {
  const { inspection, occasion, transition, alerts } = record;
  const { server, vantage, at, snapshot } = inspection;
  const { rows } = writing;
  const before = await findCheck(rows, server, vantage);
  const revision = before?.revision ?? 0;
  if (revision !== record.expectedRevision) {
    throw new SealwatchError('STORE_CONFLICT', `${server}: somebody decided while it was inspected`);
  }
  if (occasion === 'import') return await recordImport(writing, record);
  // A newer observation was recorded since, and was evaluated with the decision in force: there is nothing to add.
  const isOutdated = occasion === 'decision' && before?.snapshot_digest !== snapshot.digest;
  if (isOutdated) return openRequestOf(writing, inspection);
  await saveSnapshot(rows, snapshot);
  if (occasion === 'observation') await saveSightings(rows, snapshot, at, before);
  await saveSurface(rows, snapshot);
  const hasApproved = await applyPolicyApprovals(writing, inspection);
  const open = await applyTransition(writing, transition, inspection);
  await saveAlerts(rows, alerts, at, open);
  await saveCheck(writing, inspection, before, { occasion, revision: hasApproved ? revision + 1 : revision });
  return openRequestOf(writing, inspection);
}

/** The texts and the request, and nothing else: not the newest snapshot, no check, and no approval of a policy. */
async function recordImport(
  writing: Writing,
  { inspection, transition, alerts }: InspectionRecord,
): Promise<ChangeRequest | undefined> {
  await saveVersions(writing.rows, inspection.snapshot.definitions);
  const open = await applyTransition(writing, transition, inspection);
  await saveAlerts(writing.rows, alerts, inspection.at, open);
  return openRequestOf(writing, inspection);
}

/** Records that a server could not be checked. */
export async function recordUnchecked(
  writing: Writing,
  unchecked: Unchecked,
  alerts: readonly NewAlert[],
): Promise<void> {
  await countFailure(writing.rows, unchecked);
  await saveAlerts(writing.rows, alerts, unchecked.at, undefined);
}

async function applyPolicyApprovals(
  writing: Writing,
  { server, vantage, at, policyApprovals }: Checked,
): Promise<boolean> {
  const grants = policyApprovals.map(({ refText, version, provenance, policy }) => {
    const by = actorText({ kind: 'policy', name: policy });
    return { server, vantage, refText, version, provenance, request: null, by, at };
  });
  await grantAll(writing, grants);
  return grants.length > 0;
}

async function openRequestOf(writing: Writing, { server, vantage }: Checked): Promise<ChangeRequest | undefined> {
  const row = await findOpenRequest(writing.rows, server, vantage);
  return row && readWrittenRequest(writing, row);
}
