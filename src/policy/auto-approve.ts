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
 * has no grave finding; later the changes that mean nothing but what `autoApprove` names. Never what is malformed, or has a
 * finding that blocks or is at or above the block level, and nothing while the server comes from somewhere that nobody approved.
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
  input: {
    readonly snapshot: Snapshot;
    readonly baseline: Baseline;
    readonly firstUse: Server['firstUse'];
    readonly policy: Policy;
  },
): string | undefined {
  const { baseline, firstUse, policy, snapshot } = input;
  // That a server has two faces, or a certificate that ends soon, is for a person to know, whatever else is trusted.
  if (change.ref.kind === 'face' || (change.ref.kind === 'certificate' && change.kind !== 'removed')) return undefined;
  if (baseline.isEmpty) return firstUse === 'trust' ? 'firstUse: trust' : undefined;
  if (!isFromApprovedOrigin(snapshot, baseline)) return undefined;
  // A rename and a move to another origin are more than their parts, whatever class they were given.
  if (change.kind !== 'changed' && change.kind !== 'removed') return undefined;
  // All that it means, not only the most urgent: a tightened bound must not carry a new description along.
  const { classes = [] } = change;
  const isCovered = classes.length > 0 && classes.every((one) => policy.autoApprove.some((named) => named === one));
  return isCovered ? `autoApprove: ${classes.join(', ')}` : undefined;
}

function isFromApprovedOrigin(snapshot: Snapshot, baseline: Baseline): boolean {
  const provenance = snapshot.definitions.find(({ ref }) => ref.kind === 'provenance');
  return provenance !== undefined && baseline.approved.get(provenance.refText)?.version === provenance.version;
}

function isGrave({ refText, after }: ClassifiedChange, findings: readonly Finding[], policy: Policy): boolean {
  if (after === undefined) return false;
  if (isMalformed(after)) return true;
  const own = findings.filter((finding) => finding.refText === refText && finding.version === after);
  return own.some(
    ({ rule, severity, blocks }) => blocks || UNSCANNED.has(rule) || isAtLeast(severity, policy.blockLevel),
  );
}

/** Findings that say that the scan could not be made: an unknown is grave, whatever level is set. */
const UNSCANNED = new Set(['scan-incomplete', 'rule-failed', 'malformed-definition']);
