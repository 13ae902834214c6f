import { hash } from 'node:crypto';

import type { RequestedChange } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import { type ClassifiedChange, mostUrgent, type Urgency } from '../model/drift.js';
import { type DefinitionSeverity, type Finding, severitiesOf } from '../model/finding.js';
import { isMalformed, type VersionId } from '../model/fingerprint.js';
import type { PolicyApproval } from '../model/inspection.js';
import type { ApprovedVersion, Snapshot } from '../model/snapshot.js';

/**
 * Returns what a person has to decide about a server: every change that no policy approves, as one request; `undefined` where
 * there is none.
 *
 * `due` are approvals that are to be looked at again (@see dueForReview): an approval of the request renews them.
 *
 * Malformed and blocked definitions are among the changes, but not in the target: nobody can approve them. What is `asked` covers
 * them too, so that a request that a person read is another one when they drift on.
 */
export function requestChange(
  changes: readonly ClassifiedChange[],
  findings: readonly Finding[],
  snapshot: Snapshot,
  policyApprovals: readonly PolicyApproval[],
  due: readonly ApprovedVersion[] = [],
): RequestedChange | undefined {
  const settled = new Set(policyApprovals.map(({ refText }) => refText));
  const asked = changes.filter(({ refText }) => !settled.has(refText));
  const review = due.filter(({ refText }) => !asked.some((change) => touches(change, refText)));
  if (asked.length === 0 && review.length === 0) return undefined;
  const about = findings.filter((finding) => asked.some((change) => isAbout(finding, change)));
  // Known when it was approved, so they wake nobody unless they block; whoever looks again sees them.
  const known = findings.filter(({ refText }) => review.some((approved) => approved.refText === refText));
  const blocked = new Set([...about, ...known].filter(({ blocks }) => blocks).map(({ refText }) => refText));
  const target = targetOf(asked, review, blocked);
  const provenance = provenanceOf(snapshot);
  const covered = [
    snapshot.server,
    snapshot.vantage,
    provenance,
    [...target].sort(inOrder),
    asked.map(({ refText, before, after }) => [refText, before ?? null, after ?? null]).sort(inOrder),
    // With the approvals that it is about: a later review of the same versions is another request.
    ...(review.length === 0 ? [] : [review.map(({ refText, approval }) => [refText, approval]).sort(inOrder)]),
  ];
  return {
    urgency: mostUrgent([
      ...asked.map(({ urgency }) => urgency),
      ...severitiesOf(about).map(urgencyOf),
      ...severitiesOf(known.filter(({ blocks }) => blocks)).map(urgencyOf),
      ...(review.length === 0 ? [] : (['low'] as const)),
    ]),
    changes: asked,
    findings: [...about, ...known],
    review: review.map(({ refText }) => refText).sort(),
    target,
    asked: `sha256:${hash('sha256', JSON.stringify(covered), 'hex')}`,
    provenance,
  };
}

/** Returns the version of a snapshot's provenance. Every snapshot has one. */
export function provenanceOf(snapshot: Snapshot): VersionId {
  return snapshot.definitions.find(({ ref }) => ref.kind === 'provenance')?.version ?? '';
}

function isAbout(finding: Finding, change: ClassifiedChange): boolean {
  return finding.refText === change.refText && finding.version === change.after;
}

function touches({ refText, renamedFrom }: ClassifiedChange, other: RefText): boolean {
  return refText === other || renamedFrom === other;
}

function targetOf(
  changes: readonly ClassifiedChange[],
  review: readonly ApprovedVersion[],
  blocked: ReadonlySet<RefText>,
): ReadonlyMap<RefText, VersionId | null> {
  const entries = changes.flatMap((change): readonly (readonly [RefText, VersionId | null])[] => {
    const { refText, after, renamedFrom } = change;
    if (after === undefined) return [[refText, null]];
    const gone: readonly (readonly [RefText, null])[] = renamedFrom === undefined ? [] : [[renamedFrom, null]];
    return isMalformed(after) || blocked.has(refText) ? gone : [...gone, [refText, after]];
  });
  const renewed = review
    .filter(({ refText }) => !blocked.has(refText))
    .map(({ refText, version }) => [refText, version] as const);
  return new Map([...entries, ...renewed].sort(inOrder));
}

/** Grave findings wake people whatever the change itself means. */
function urgencyOf({ severity }: DefinitionSeverity): Urgency {
  switch (severity) {
    case 'critical':
    case 'high':
      return severity;
    case 'medium':
    case 'low':
      return 'low';
    case 'info':
      return 'info';
  }
}

function inOrder(a: readonly unknown[], b: readonly unknown[]): number {
  const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}
