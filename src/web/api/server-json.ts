import type { DefinitionStanding, Posture, ServerDetail } from '../../monitor/server-detail.js';
import type { ServerSummary } from '../../monitor/servers.js';
import type { ApprovalRecord, SeenVersion } from '../../ports.js';
import { changeJson } from '../../render/request-json.js';

/** Returns a server in short, in the documented shape. */
export function summaryJson({ id, state, lastCheckAt, outage, isAllOnHold, open, labels }: ServerSummary) {
  return {
    id,
    state,
    lastCheckAt: lastCheckAt ?? null,
    outage: outage ?? null,
    isAllOnHold,
    request: open?.id ?? null,
    urgency: open?.urgency ?? null,
    labels,
  };
}

/** Returns everything about a server, in the documented shape. */
export function serverJson(server: ServerDetail) {
  const { counts, checks, provenance, posture, definitions, versions, requests, waivers } = server;
  return {
    ...summaryJson(server),
    counts: counts ?? null,
    checks,
    provenance: provenance ?? null,
    posture: posture === undefined ? null : postureJson(posture),
    definitions: definitions.map(definitionJson),
    versions: versions.map((seen) => ({ ref: seen.refText, ...seenJson(seen) })),
    requests: requests.map(({ id, state, urgency, openedAt }) => ({ id, state, urgency, openedAt })),
    waivers: waivers.map(({ rule, refText, version, reason, by, expiresAt }) => ({
      ...{ rule, ref: refText, version, reason, by, expiresAt },
    })),
  };
}

/** Returns a version in the documented shape, without its text. */
export function seenJson({ version, firstSeenAt, lastSeenAt, times, approvals }: SeenVersion) {
  return { version, firstSeenAt, lastSeenAt, times, approvals: approvals.map(approvalJson) };
}

function approvalJson({ by, at, request, endedAt, endedBy, leaf }: ApprovalRecord) {
  return { by, at, request: request ?? null, endedAt: endedAt ?? null, endedBy: endedBy ?? null, leaf };
}

function postureJson({ firstUse, schedule, maxUncheckedMs, reviewEveryMs, masks }: Posture) {
  return {
    firstUse,
    schedule: schedule.kind === 'every' ? schedule : { ...schedule, timeZone: schedule.timeZone ?? null },
    maxUncheckedMs,
    reviewEveryMs: reviewEveryMs ?? null,
    masks,
  };
}

function definitionJson({ ref, refText, version, verdict, reasons, change, versions }: DefinitionStanding) {
  return {
    ref: refText,
    kind: ref.kind,
    name: ref.name,
    version: version ?? null,
    verdict: verdict ?? null,
    reasons,
    change: change === undefined ? null : changeJson(change),
    versions,
  };
}
