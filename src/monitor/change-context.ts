import type { RefText } from '../model/definition.js';
import type { Change, Drift } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import type { JsonValue } from '../model/json.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import type { ChangeContext } from '../policy/classify-change.js';
import { findingsNewIn } from '../scan/findings-new-in.js';
import { approvedAsSnapshot } from './approved-snapshot.js';

/** What was found in a snapshot, and in what is approved of the server. */
export interface Scans {
  readonly findings: readonly Finding[];
  /** Empty where nothing that is approved differs. */
  readonly known: readonly Finding[];
}

/**
 * Returns what each change is judged by. Text that was there when somebody approved it is no news: only what the new version adds says
 * what the change means.
 *
 * Waived findings count here: a waiver takes a finding out of sight, and lifts a block. Attack: one person waives what makes a change
 * critical, and approves alone what needs two.
 */
export function changeContext(
  drift: Drift,
  { findings, known }: Scans,
  baseline: Baseline,
  snapshot: Snapshot,
): ChangeContext {
  const newIn = (change: Change): readonly Finding[] =>
    findingsNewIn(
      known.filter(({ refText }) => refText === replacedRef(change)),
      findings.filter(({ refText }) => refText === change.refText),
    );
  return {
    newFindings: new Map(drift.map((change) => [change.refText, newIn(change)])),
    before: valuesOf(approvedAsSnapshot(baseline, snapshot)),
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
