import type { Finding } from '../model/finding.js';
import type { ApprovedVersion, Baseline, Snapshot } from '../model/snapshot.js';

/**
 * Returns the approvals of a server that are to be looked at again: none until the oldest is older than `reviewEveryMs`, then all
 * whose definition is as approved, so that a server is one review in so long and not one for each of its tools.
 */
export function dueForReview(
  snapshot: Snapshot,
  baseline: Baseline,
  when: { readonly now: Date; readonly reviewEveryMs: number | undefined },
): readonly ApprovedVersion[] {
  const from = reviewFrom(baseline, when.reviewEveryMs);
  if (from === undefined || when.now.toISOString() < from) return [];
  const shown = new Set(snapshot.definitions.map(({ refText, version }) => `${refText} ${version}`));
  return [...baseline.approved.values()].filter(({ refText, version }) => shown.has(`${refText} ${version}`));
}

/**
 * Returns the approvals of definitions that a rule blocks by now, because the rule is new, a waiver ended, or another server's names
 * changed: they are as approved, blocked all the same, and somebody has to know.
 */
export function blockedApprovals(
  snapshot: Snapshot,
  baseline: Baseline,
  findings: readonly Finding[],
): readonly ApprovedVersion[] {
  const blocked = new Set(
    findings.filter(({ blocks }) => blocks).map(({ refText, version }) => `${refText} ${version}`),
  );
  const shown = snapshot.definitions.map(({ refText, version }) => `${refText} ${version}`);
  const affected = new Set(shown.filter((one) => blocked.has(one)));
  return [...baseline.approved.values()].filter(({ refText, version }) => affected.has(`${refText} ${version}`));
}

/** Returns the moment from which a server's approvals are due, ISO 8601; `undefined` where they do not age. */
export function reviewFrom(baseline: Baseline, reviewEveryMs: number | undefined): string | undefined {
  if (reviewEveryMs === undefined || baseline.approved.size === 0) return undefined;
  const [oldest = ''] = [...baseline.approved.values()].map(({ approvedAt }) => approvedAt).sort();
  return new Date(Date.parse(oldest) + reviewEveryMs).toISOString();
}
