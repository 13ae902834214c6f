import type { ChangeRequest, RequestState } from '../model/change-request.js';
import { hasRole, hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { ServerId } from '../model/server-id.js';
import type { MonitorDeps } from './deps.js';

/** A part of the requests. */
export interface RequestSlice {
  /** Newest first. */
  readonly requests: readonly ChangeRequest[];
  /** Where the next part begins; `undefined` after the last one. */
  readonly before: number | undefined;
}

/**
 * Returns requests that somebody may see with a lower number than `before`, newest first. Requests that are opened meanwhile move
 * nothing into another part: whoever reads part after part sees each one once.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function requestsBefore(
  principal: Principal,
  asked: {
    readonly states: readonly RequestState[] | undefined;
    readonly server: ServerId | undefined;
    readonly before: number | undefined;
    readonly limit: number;
  },
  { store }: Pick<MonitorDeps, 'store'>,
): Promise<RequestSlice> {
  const { states, server, before, limit } = asked;
  const found = await store.listRequests({
    ...(states === undefined ? {} : { states }),
    ...(server === undefined ? {} : { server }),
    // Whoever sees some servers only needs all of them sifted.
    ...(hasRoleEverywhere(principal, 'viewer') ? { newest: (await skipped(before, store)) + limit + 1 } : {}),
  });
  const visible = found
    .filter((request) => hasRole(principal, 'viewer', request.server) && request.id < (before ?? Infinity))
    .toReversed();
  const requests = visible.slice(0, limit);
  return { requests, before: visible.length > limit ? requests.at(-1)?.id : undefined };
}

/** At most so many are newer: numbers are given one after the other. */
async function skipped(before: number | undefined, store: MonitorDeps['store']): Promise<number> {
  if (before === undefined) return 0;
  const [newest] = await store.listRequests({ newest: 1 });
  return Math.max(0, (newest?.id ?? 0) - before + 1);
}
