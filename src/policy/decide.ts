import type { Decision, Reason } from '../model/decision.js';
import type { Definition } from '../model/definition.js';
import type { Finding } from '../model/finding.js';
import type { VersionId } from '../model/fingerprint.js';
import type { Baseline, Snapshot } from '../model/snapshot.js';
import { quote } from '../quote.js';

/**
 * Returns the verdict on every definition of a snapshot. `findings` are those that no waiver covers.
 *
 * Only these bytes, approved together with where the server comes from, give `allow`. Whatever is not known to be approved is
 * held; `block` is for what a rule marked `blocks` found, approved or not.
 */
export function decide(snapshot: Snapshot, baseline: Baseline, findings: readonly Finding[]): readonly Decision[] {
  const provenance = snapshot.definitions.find(({ ref }) => ref.kind === 'provenance')?.version;
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
  provenance: VersionId | undefined,
): readonly Reason[] {
  const approved = baseline.approved.get(definition.refText);
  if (definition.flaws.length > 0) return definition.flaws.map(({ message }) => ({ code: 'MALFORMED', message }));
  if (approved === undefined) return [{ code: 'NEVER_APPROVED', message: 'nobody has approved it' }];
  const changed: readonly Reason[] =
    approved.version === definition.version ? [] : [{ code: 'CHANGED', message: 'it is not what was approved' }];
  return isFromElsewhere(definition, baseline, provenance)
    ? [
        ...changed,
        { code: 'PROVENANCE_CHANGED', message: 'the server comes from somewhere else than what was approved' },
      ]
    : changed;
}

/** The server's own provenance has to be approved too: an approval counts only together with where its server comes from. */
function isFromElsewhere({ ref, refText }: Definition, baseline: Baseline, provenance: VersionId | undefined): boolean {
  if (ref.kind === 'provenance') return false;
  if (provenance === undefined) return true;
  const approvedProvenance = baseline.approved.get(`${ref.server}/provenance/`)?.version;
  return baseline.approved.get(refText)?.provenance !== provenance || approvedProvenance !== provenance;
}

function blockedBy(finding: Finding): Reason {
  return { code: 'BLOCKED_BY_RULE', message: `${finding.rule}: ${finding.message} ${quote(finding.excerpt, 80)}` };
}
