import { compareSnapshots } from '../integrity/compare.js';
import type { Definition } from '../model/definition.js';
import type { ClassifiedChange } from '../model/drift.js';
import type { Finding } from '../model/finding.js';
import type { ApprovedVersion, Baseline, Snapshot } from '../model/snapshot.js';
import { approvedAsSnapshot } from '../monitor/approved-snapshot.js';
import { changeContext } from '../monitor/change-context.js';
import { classifyChanges } from '../policy/classify-change.js';
import { changeLines } from '../render/change-lines.js';
import { linesToText } from '../render/lines-to-text.js';
import { ownRules } from './own-rules.js';
import { DEFAULT_SERVER, neighboursOf, type ScanOptions, scanWith } from './scan.js';
import { type Listing, takeListing } from './take-listing.js';

/** One change with its class, its urgency and the reason (`because`). */
export interface ReadableChange extends ClassifiedChange {
  /** What was found in the new version. */
  readonly findings: readonly Finding[];
  /** Several lines for a person, at most 80 columns: what changed, why it matters, the exact difference, what was found in it. Hidden characters are visible. */
  readonly text: string;
}

/**
 * Returns what differs between two listings of one server, ordered by reference, each change with what it means; empty where nothing does.
 * Both listings have to hold the same lists: a list that is in `before` alone counts as removed.
 *
 * Members in another order and white space are no change; everything else is. Where it cannot be told what a change means, the more urgent
 * class is taken. A definition that is malformed in `before` could not have been approved: it counts as if it had not been there.
 *
 * @throws {SealwatchError} as `scan` does. What the signal was aborted with.
 */
export async function compare(
  before: Listing,
  after: Listing,
  options: ScanOptions = {},
  signal?: AbortSignal,
): Promise<readonly ReadableChange[]> {
  const server = options.server ?? DEFAULT_SERVER;
  const neighbours = neighboursOf(options);
  const baseline = asBaseline(takeListing(before, server));
  const snapshot = takeListing(after, server);
  const drift = compareSnapshots(baseline, snapshot);
  if (drift.length === 0) return [];
  const approved = approvedAsSnapshot(baseline, snapshot);
  const pack = await ownRules();
  const known = await scanWith(approved, neighbours, pack, signal);
  const findings = await scanWith(snapshot, neighbours, pack, signal);
  const changes = classifyChanges(drift, changeContext(drift, { findings, known }, baseline, snapshot));
  const contents = new Map([...approved.definitions, ...snapshot.definitions].map(contentOf));
  return changes.map((change) => {
    const own = findings.filter(({ refText, version }) => refText === change.refText && version === change.after);
    const lines = changeLines(change, { request: { findings: own }, contents }, COLUMNS);
    return { ...change, findings: own, text: linesToText(lines) };
  });
}

const COLUMNS = 80;

function contentOf({ version, content }: Definition): readonly [string, string] {
  return [version, content];
}

/** Returns a snapshot as what drift is measured against. */
function asBaseline({ definitions }: Snapshot): Baseline {
  const provenance = definitions.find(({ ref }) => ref.kind === 'provenance')?.version ?? '';
  const approved = definitions
    .filter(({ flaws }) => flaws.length === 0)
    .map(({ refText, version, content }): readonly [string, ApprovedVersion] => [
      refText,
      { refText, version, content, provenance, approval: 0, approvedAt: '' },
    ]);
  return { approved: new Map(approved), isEmpty: false };
}
