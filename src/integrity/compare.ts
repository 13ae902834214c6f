import type { Definition, RefText } from '../model/definition.js';
import type { Change, Drift } from '../model/drift.js';
import type { VersionId } from '../model/fingerprint.js';
import type { ApprovedVersion, Baseline, Snapshot } from '../model/snapshot.js';
import { compareJson } from './compare-json.js';
import { parseRef } from './definition-ref.js';
import { linkRenames } from './link-renames.js';
import { MAX_DEPTH } from './max-depth.js';
import { parseJson } from './parse-json.js';

/**
 * Returns what differs between a snapshot and what is approved, ordered by reference; empty where nothing does.
 *
 * A version counts as approved only with the provenance that it was approved with: an equal version under another one is
 * `reprovenanced`. Edits say where a changed or renamed definition differs, on the texts as sent, unmasked; there are none
 * for what was added or removed, for malformed versions, and where two versions differ only in digits beyond a double's.
 */
export function compareSnapshots(baseline: Baseline, snapshot: Snapshot): Drift {
  const provenance = snapshot.definitions.find(({ ref }) => ref.kind === 'provenance')?.version;
  const seen = new Set(snapshot.definitions.map(({ refText }) => refText));
  const present = withoutCopies(snapshot.definitions).flatMap((definition) =>
    compareDefinition(baseline.approved.get(definition.refText), definition, provenance),
  );
  const removed = [...baseline.approved.values()].filter(({ refText }) => !seen.has(refText)).map(removal);
  return linkRenames([...present, ...removed], baseline, snapshot).toSorted(inRefOrder);
}

/** A server that sends one malformed definition twice made one change, not two. */
function withoutCopies(definitions: readonly Definition[]): readonly Definition[] {
  const byVersion = new Map(
    definitions.map((definition) => [`${definition.refText} ${definition.version}`, definition]),
  );
  return [...byVersion.values()];
}

function compareDefinition(
  approved: ApprovedVersion | undefined,
  definition: Definition,
  provenance: VersionId | undefined,
): readonly Change[] {
  const { ref, refText, version } = definition;
  if (approved === undefined) return [{ kind: 'added', ref, refText, after: version, edits: [] }];
  const versions = { before: approved.version, after: version };
  if (approved.version !== version) {
    return [{ kind: 'changed', ref, refText, ...versions, edits: editsBetween(approved, definition) }];
  }
  const isElsewhere = ref.kind !== 'provenance' && approved.provenance !== provenance;
  return isElsewhere ? [{ kind: 'reprovenanced', ref, refText, ...versions, edits: [] }] : [];
}

function editsBetween(approved: ApprovedVersion, { value, flaws }: Definition): Change['edits'] {
  if (value === undefined || flaws.length > 0) return [];
  return compareJson(parseJson(approved.content, { maxDepth: MAX_DEPTH }).value, value);
}

function removal({ refText, version }: ApprovedVersion): Change {
  return { kind: 'removed', ref: parseRef(refText), refText, before: version, edits: [] };
}

function inRefOrder(a: Change, b: Change): number {
  if (a.refText === b.refText) return order(a.after ?? '', b.after ?? '');
  return order(a.refText, b.refText);
}

function order(a: RefText, b: RefText): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
