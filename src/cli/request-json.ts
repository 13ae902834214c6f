import type { ChangeRequest } from '../model/change-request.js';
import type { ClassifiedChange } from '../model/drift.js';
import type { Finding } from '../model/finding.js';

/** Returns a change request in the documented JSON shape. */
export function requestJson(request: ChangeRequest): Readonly<Record<string, unknown>> {
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
    changes: request.changes.map(changeJson),
    findings: request.findings.map(findingJson),
  };
}

/** Returns a finding in the documented JSON shape. */
export function findingJson(finding: Finding): Readonly<Record<string, unknown>> {
  const { rule, refText, version, pointer, severity, confidence, message, excerpt, blocks, remediation } = finding;
  return { rule, ref: refText, version, pointer, severity, confidence, message, excerpt, blocks, remediation };
}

function changeJson(change: ClassifiedChange): Readonly<Record<string, unknown>> {
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
