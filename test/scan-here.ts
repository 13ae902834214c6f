import { loadRules } from '../src/cli/load-rules.js';
import { createOutputChecker } from '../src/cli/output-checker.js';
import { createScanner } from '../src/cli/scanner.js';
import { DEFAULT_RULE_SETTINGS } from '../src/model/rule-settings.js';
import type { Neighbour } from '../src/model/neighbour.js';
import type { Baseline, Snapshot } from '../src/model/snapshot.js';
import { approvedAsSnapshot } from '../src/monitor/approved-snapshot.js';
import type { Scans } from '../src/monitor/change-context.js';
import type { OutputChecker, Scanner } from '../src/ports.js';
import type { RulePack } from '../src/scan/rule-pack.js';
import { scanSnapshot } from '../src/scan/scan-snapshot.js';

/** The rules and the model as they come, compiled once: that takes longer than anything else of a test. */
const PACK = await loadRules();

/** The real scanner, for snapshots so small that it needs no thread. */
export function scannerWith(pack: RulePack): Scanner {
  return createScanner({ pack, settings: DEFAULT_RULE_SETTINGS, small: Number.POSITIVE_INFINITY });
}

export const scanner: Scanner = scannerWith(PACK);

/** The real output checker, which starts a thread for what is large. */
export const outputs: OutputChecker = createOutputChecker(PACK, DEFAULT_RULE_SETTINGS);

/** What is found in a snapshot and in what is approved, at once. */
export function scansOf(snapshot: Snapshot, baseline: Baseline, neighbours: readonly Neighbour[] = []): Scans {
  return {
    findings: scanSnapshot(snapshot, neighbours, PACK),
    known: scanSnapshot(approvedAsSnapshot(baseline, snapshot), neighbours, PACK),
  };
}
