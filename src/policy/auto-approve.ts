import type { ClassifiedChange } from '../model/drift.js';
import { type Finding, isAtLeast } from '../model/finding.js';
import { isMalformed } from '../model/fingerprint.js';
import type { PolicyApproval } from '../model/inspection.js';
import type { Policy } from '../model/policy.js';
import type { Server } from '../model/server.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { provenanceOf } from './request-change.js';

/**
 * Returns what written policies approve without a person, each with the name of its policy: on first use with `trust` all that
 * has no grave finding; later the classes that `autoApprove` names. Never what is malformed, or has a finding at or above the
 * block level.
 */
export function policyApprovals(input: {
  readonly changes: readonly ClassifiedChange[];
  readonly findings: readonly Finding[];
  readonly snapshot: Snapshot;
  readonly baseline: Baseline;
  readonly policy: Policy;
  readonly firstUse: Server['firstUse'];
}): readonly PolicyApproval[] {
  const { changes, findings, snapshot, policy } = input;
  const provenance = provenanceOf(snapshot);
  return changes.flatMap((change): readonly PolicyApproval[] => {
    const name = policyFor(change, input);
    if (name === undefined || isGrave(change, findings, policy)) return [];
    return [{ refText: change.refText, version: change.after ?? null, provenance, policy: name }];
  });
}

function policyFor(
  change: ClassifiedChange,
  {
    baseline,
    firstUse,
    policy,
  }: { readonly baseline: Baseline; readonly firstUse: Server['firstUse']; readonly policy: Policy },
): string | undefined {
  if (baseline.isEmpty) return firstUse === 'trust' ? 'firstUse: trust' : undefined;
  const named = policy.autoApprove.find((one) => one === change.class);
  // A rename and a move to another origin are more than their parts, whatever class they were given.
  const isPlain = change.kind === 'changed' || change.kind === 'removed';
  return named !== undefined && isPlain ? `autoApprove: ${named}` : undefined;
}

function isGrave({ refText, after }: ClassifiedChange, findings: readonly Finding[], policy: Policy): boolean {
  if (after === undefined) return false;
  if (isMalformed(after)) return true;
  const own = findings.filter((finding) => finding.refText === refText && finding.version === after);
  return own.some(({ severity, blocks }) => blocks || isAtLeast(severity, policy.blockLevel));
}
