import type { ChangeRequest } from '../model/change-request.js';
import type { ClassifiedChange } from '../model/drift.js';
import { type Finding, severitiesOf } from '../model/finding.js';

/** Returns a change request in the documented JSON shape, which the command line and the JSON API share. */
export function requestJson(request: ChangeRequest) {
  const { id, server, state, urgency, digest, flapping, openedAt } = request;
  return {
    id,
    server,
    state,
    urgency,
    digest,
    flapping,
    openedAt,
    settledAt: request.settledAt ?? null,
    settledBy: request.settledBy ?? null,
    comment: request.comment ?? null,
    supersededBy: request.supersededBy ?? null,
    review: request.review,
    endorsements: request.endorsements.map(({ by, at }) => ({ by, at })),
    changes: request.changes.map(changeJson),
    findings: request.findings.map(findingJson),
    severities: severitiesOf(request.findings).map(({ refText, severity }) => ({ ref: refText, severity })),
  };
}

/** Returns a finding in the documented JSON shape. */
export function findingJson(finding: Finding) {
  const { rule, refText, version, pointer, severity, confidence, message, excerpt, blocks, remediation } = finding;
  return { rule, ref: refText, version, pointer, severity, confidence, message, excerpt, blocks, remediation };
}

/** Returns a change in the documented JSON shape. */
export function changeJson(change: ClassifiedChange) {
  return {
    ref: change.refText,
    kind: change.kind,
    class: change.class,
    urgency: change.urgency,
    because: change.because,
    before: change.before ?? null,
    after: change.after ?? null,
    renamedFrom: change.renamedFrom ?? null,
    edits: change.edits,
  };
}
