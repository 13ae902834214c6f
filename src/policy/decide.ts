import type { Decision, Reason } from '../model/decision.js';
import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import { isMalformed } from '../model/fingerprint.js';
import type { ApprovedVersion, Baseline, Snapshot } from '../model/snapshot.js';
import { quote } from '../quote.js';

/**
 * Returns the verdict on every definition of a snapshot. `findings` are those that no waiver covers.
 *
 * Only these bytes, approved together with where the server comes from, give `allow`. Whatever is not known to be approved is
 * held; `block` is for what a rule marked `blocks` found, approved or not.
 */
export function decide(snapshot: Snapshot, baseline: Baseline, findings: readonly Finding[]): readonly Decision[] {
  const provenance = snapshot.definitions.find(({ ref }) => ref.kind === 'provenance');
  const blocking = findings.filter(({ blocks }) => blocks);
  return snapshot.definitions.map((definition) => {
    const { refText, version } = definition;
    const blocks = blocking
      .filter((finding) => finding.refText === refText && finding.version === version)
      .map(blockedBy);
    const holds = reasonsToHold(definition, baseline, provenance);
    if (blocks.length > 0) return { refText, version, verdict: 'block', reasons: [...blocks, ...holds] };
    if (holds.length > 0) return { refText, version, verdict: 'hold', reasons: holds };
    return { refText, version, verdict: 'allow', reasons: [{ code: 'APPROVED', message: 'these bytes are approved' }] };
  });
}

function reasonsToHold(
  definition: Definition,
  baseline: Baseline,
  provenance: Definition | undefined,
): readonly Reason[] {
  const approved = baseline.approved.get(definition.refText);
  const malformed = flawsOf(definition);
  if (approved === undefined) return [...malformed, { code: 'NEVER_APPROVED', message: 'nobody has approved it' }];
  const changed: readonly Reason[] =
    approved.version === definition.version ? [] : [{ code: 'CHANGED', message: 'it is not what was approved' }];
  const moved: readonly Reason[] = isFromElsewhere(definition, approved, baseline, provenance)
    ? [{ code: 'PROVENANCE_CHANGED', message: 'the server comes from somewhere else than what was approved' }]
    : [];
  return [...malformed, ...changed, ...moved];
}

/** The version says it as well: what has no canonical form is held also where its flaws were not kept. */
function flawsOf({ flaws, version }: Definition): readonly Reason[] {
  if (flaws.length > 0) return flaws.map(({ message }) => ({ code: 'MALFORMED', message }));
  return isMalformed(version) ? [{ code: 'MALFORMED', message: 'it has no canonical form' }] : [];
}

/** The server's own provenance has to be approved too: an approval counts only together with where its server comes from. */
function isFromElsewhere(
  { ref }: Definition,
  approved: ApprovedVersion,
  baseline: Baseline,
  provenance: Definition | undefined,
): boolean {
  if (ref.kind === 'provenance') return false;
  if (provenance === undefined) return true;
  const { version, refText } = provenance;
  return approved.provenance !== version || baseline.approved.get(refText)?.version !== version;
}

function blockedBy(finding: Finding): Reason {
  return { code: 'BLOCKED_BY_RULE', message: `${finding.rule}: ${finding.message} ${quote(finding.excerpt, 80)}` };
}
