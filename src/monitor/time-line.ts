import type { ChangeRequest } from '../model/change-request.js';
import type { Urgency } from '../model/drift.js';
import type { ApprovalRecord, SeenVersion, Standing } from '../ports.js';

/** Something that happened to a server. */
export type TimeLineEvent =
  | { readonly kind: 'opened'; readonly at: string; readonly request: number; readonly urgency: Urgency }
  | {
      readonly kind: 'settled';
      readonly at: string;
      readonly request: number;
      readonly outcome: 'approved' | 'rejected';
      readonly by: string;
      /** Definitions that were approved by it. */
      readonly definitions: number;
    }
  /** Approved by a policy, not by the decision on a request. */
  | { readonly kind: 'approved'; readonly at: string; readonly by: string; readonly definitions: number }
  /** Ended by somebody, not replaced by a newer approval. */
  | { readonly kind: 'ended'; readonly at: string; readonly by: string; readonly definitions: number }
  | { readonly kind: 'outage'; readonly at: string };

/** Returns what happened to a server, newest first, as far as it is kept: of outages only the one that is going on. */
export function timeLine(known: {
  readonly requests: readonly ChangeRequest[];
  readonly versions: readonly SeenVersion[];
  readonly outage: Standing['outage'];
}): readonly TimeLineEvent[] {
  const approvals = known.versions.flatMap((version) => version.approvals);
  const events: readonly TimeLineEvent[] = [
    ...known.requests.flatMap((request) => requestEvents(request, approvals)),
    ...policyEvents(approvals),
    ...endings(approvals),
    ...(known.outage === undefined ? [] : [{ kind: 'outage', at: known.outage.since } as const]),
  ];
  return events.toSorted((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1));
}

function requestEvents(request: ChangeRequest, approvals: readonly ApprovalRecord[]): readonly TimeLineEvent[] {
  const { id, openedAt, urgency, settledAt, settledBy = 'unknown' } = request;
  const opened = { kind: 'opened', at: openedAt, request: id, urgency } as const;
  if (settledAt === undefined) return [opened];
  const outcome = request.state === 'rejected' ? 'rejected' : 'approved';
  const definitions = approvals.filter((approval) => approval.request === id).length;
  // The decision first: two events of one moment stay in this order.
  return [{ kind: 'settled', at: settledAt, request: id, outcome, by: settledBy, definitions }, opened];
}

function policyEvents(approvals: readonly ApprovalRecord[]): readonly TimeLineEvent[] {
  const alone = approvals.filter(({ request }) => request === undefined);
  return grouped(alone.map(({ at, by }) => ({ at, by }))).map((group) => ({ kind: 'approved', ...group }));
}

/** An approval that a newer one of the same definition replaced at the same moment did not end for anybody who looks. */
function endings(approvals: readonly ApprovalRecord[]): readonly TimeLineEvent[] {
  const ended = approvals.flatMap(({ refText, endedAt, endedBy }) => {
    if (endedAt === undefined) return [];
    const isReplaced = approvals.some((other) => other.refText === refText && other.at === endedAt);
    return isReplaced ? [] : [{ at: endedAt, by: endedBy ?? 'unknown' }];
  });
  return grouped(ended).map((group) => ({ kind: 'ended', ...group }));
}

function grouped(
  events: readonly { readonly at: string; readonly by: string }[],
): readonly { readonly at: string; readonly by: string; readonly definitions: number }[] {
  const groups = new Map<string, { at: string; by: string; definitions: number }>();
  for (const { at, by } of events) {
    const key = `${at} ${by}`;
    groups.set(key, { at, by, definitions: (groups.get(key)?.definitions ?? 0) + 1 });
  }
  return [...groups.values()];
}
