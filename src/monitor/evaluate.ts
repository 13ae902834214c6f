import { compareSnapshots } from '../integrity/compare.js';
import type { Evaluation } from '../model/inspection.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Policy } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { policyApprovals } from '../policy/auto-approve.js';
import { classifyChanges } from '../policy/classify-change.js';
import { decide } from '../policy/decide.js';
import { blockedApprovals, dueForReview } from '../policy/due-for-review.js';
import { holdPackage } from '../policy/hold-package.js';
import { requestChange } from '../policy/request-change.js';
import { withoutWaived } from '../policy/waiver.js';
import type { Standing } from '../ports.js';
import { approvedAsSnapshot } from './approved-snapshot.js';
import { changeContext, type Scans } from './change-context.js';
import { recallJudgements } from './consult.js';
import type { MonitorDeps } from './deps.js';

/**
 * Returns what the scanner finds in a snapshot, with what a model said that was asked, and what it finds in all that is approved where
 * some of it is no longer there as it was.
 */
export async function scanBoth(
  snapshot: Snapshot,
  baseline: Baseline,
  neighbours: readonly Neighbour[],
  deps: Pick<MonitorDeps, 'scanner' | 'judge' | 'store'>,
): Promise<Scans> {
  const judged = await recallJudgements(snapshot, baseline, deps);
  const { findings, known } = await scanByRules(snapshot, baseline, neighbours, deps);
  return { findings: [...findings, ...judged], known };
}

/** The same by rules alone, where there is no store. */
export async function scanByRules(
  snapshot: Snapshot,
  baseline: Baseline,
  neighbours: readonly Neighbour[],
  { scanner }: Pick<MonitorDeps, 'scanner'>,
): Promise<Scans> {
  const findings = await scanner.scan(snapshot, neighbours);
  if (isSame(baseline, snapshot)) return { findings, known: [] };
  // All that is approved, not only what was replaced: which names are the server's own changes what a text means.
  return { findings, known: await scanner.scan(approvedAsSnapshot(baseline, snapshot), neighbours) };
}

function isSame({ approved }: Baseline, { definitions }: Snapshot): boolean {
  if (approved.size === 0) return true;
  return (
    approved.size === definitions.length &&
    definitions.every(({ refText, version }) => approved.get(refText)?.version === version)
  );
}

/**
 * Returns what a snapshot means against what is approved: compare → classify → decide, with what was found in both. Nothing is read or
 * written.
 */
export function evaluate(
  snapshot: Snapshot,
  standing: Pick<Standing, 'baseline' | 'waivers'>,
  surroundings: { readonly server: Pick<Server, 'firstUse' | 'reviewEveryMs'>; readonly now: Date },
  scans: Scans,
  policy: Policy,
): Evaluation {
  const { baseline, waivers } = standing;
  const drift = compareSnapshots(baseline, snapshot);
  const findings = withoutWaived(scans.findings, waivers, surroundings.now);
  const changes = classifyChanges(drift, changeContext(drift, scans, baseline, snapshot));
  const decided = decide(snapshot, baseline, findings);
  const decisions = holdPackage(decided, snapshot, policy.packages, surroundings.now);
  const approvals = policyApprovals({
    changes,
    findings,
    snapshot,
    baseline,
    policy,
    firstUse: surroundings.server.firstUse,
  });
  const { reviewEveryMs } = surroundings.server;
  const aged = dueForReview(snapshot, baseline, { now: surroundings.now, reviewEveryMs });
  const due = [...new Set([...aged, ...blockedApprovals(snapshot, baseline, findings)])];
  const requested = requestChange(changes, findings, snapshot, approvals, due);
  return { changes, findings, decisions, requested, policyApprovals: approvals };
}
