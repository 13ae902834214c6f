import { compareSnapshots } from '../integrity/compare.js';
import type { RefText } from '../model/definition.js';
import type { Change, Drift } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import type { Evaluation } from '../model/inspection.js';
import type { JsonValue } from '../model/json.js';
import type { Neighbour } from '../model/neighbour.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { policyApprovals } from '../policy/auto-approve.js';
import { type ChangeContext, classifyChanges } from '../policy/classify-change.js';
import { decide } from '../policy/decide.js';
import { blockedApprovals, dueForReview } from '../policy/due-for-review.js';
import { requestChange } from '../policy/request-change.js';
import { withoutWaived } from '../policy/waiver.js';
import type { Standing } from '../ports.js';
import { findingsNewIn } from '../scan/findings-new-in.js';
import { scanSnapshot } from '../scan/scan-snapshot.js';
import { approvedAsSnapshot } from './approved-snapshot.js';
import type { MonitorDeps } from './deps.js';

/**
 * Returns what a snapshot means against what is approved: compare → scan → classify → decide. Nothing is read or written.
 */
export function evaluate(
  snapshot: Snapshot,
  standing: Pick<Standing, 'baseline' | 'waivers'>,
  surroundings: {
    readonly neighbours: readonly Neighbour[];
    readonly server: Pick<Server, 'firstUse' | 'reviewEveryMs'>;
    readonly now: Date;
  },
  deps: Pick<MonitorDeps, 'rules' | 'policy'>,
): Evaluation {
  const { baseline, waivers } = standing;
  const drift = compareSnapshots(baseline, snapshot);
  const all = scanSnapshot(snapshot, surroundings.neighbours, deps.rules);
  const findings = withoutWaived(all, waivers, surroundings.now);
  const changes = classifyChanges(drift, contextOf(drift, all, baseline, snapshot, surroundings.neighbours, deps));
  const decisions = decide(snapshot, baseline, findings);
  const approvals = policyApprovals({
    changes,
    findings,
    snapshot,
    baseline,
    policy: deps.policy,
    firstUse: surroundings.server.firstUse,
  });
  const { reviewEveryMs } = surroundings.server;
  const aged = dueForReview(snapshot, baseline, { now: surroundings.now, reviewEveryMs });
  const due = [...new Set([...aged, ...blockedApprovals(snapshot, baseline, findings)])];
  const requested = requestChange(changes, findings, snapshot, approvals, due);
  return { changes, findings, decisions, requested, policyApprovals: approvals };
}

/**
 * Text that was there when somebody approved it is no news: only what the new version adds says what the change means.
 *
 * Waived findings count here: a waiver takes a finding out of sight, and lifts a block. Attack: one person waives what makes a change
 * critical, and approves alone what needs two.
 */
function contextOf(
  drift: Drift,
  findings: readonly Finding[],
  baseline: Baseline,
  snapshot: Snapshot,
  neighbours: readonly Neighbour[],
  deps: Pick<MonitorDeps, 'rules'>,
): ChangeContext {
  // All that is approved, not only what was replaced: which names are the server's own changes what a text means.
  const approved = approvedAsSnapshot(baseline, snapshot);
  const known = drift.some(({ before }) => before !== undefined) ? scanSnapshot(approved, neighbours, deps.rules) : [];
  const newIn = (change: Change): readonly Finding[] =>
    findingsNewIn(
      known.filter(({ refText }) => refText === replacedRef(change)),
      findings.filter(({ refText }) => refText === change.refText),
    );
  return {
    newFindings: new Map(drift.map((change) => [change.refText, newIn(change)])),
    before: valuesOf(approved),
    after: valuesOf(snapshot),
  };
}

function replacedRef(change: Change): RefText {
  return change.renamedFrom ?? change.refText;
}

function valuesOf(snapshot: Snapshot): ReadonlyMap<RefText, JsonValue> {
  return new Map(
    snapshot.definitions.flatMap(({ refText, value }) => (value === undefined ? [] : [[refText, value] as const])),
  );
}
