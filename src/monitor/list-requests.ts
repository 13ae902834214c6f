import type { ChangeRequest, RequestState } from '../model/change-request.js';
import { hasRole, hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { ServerId } from '../model/server-id.js';
import type { MonitorDeps } from './deps.js';

/** One page of requests. */
export interface RequestList {
  /** Newest first. */
  readonly requests: readonly ChangeRequest[];
  /** Whether there are older ones. */
  readonly hasOlder: boolean;
}

/**
 * Returns one page of the requests that somebody may see, newest first. Pages count from 1.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function listRequests(
  principal: Principal,
  asked: {
    readonly states?: readonly RequestState[] | undefined;
    readonly server?: ServerId | undefined;
    readonly page: number;
    readonly perPage: number;
  },
  { store }: Pick<MonitorDeps, 'store'>,
): Promise<RequestList> {
  const { states, server, page, perPage } = asked;
  if (server !== undefined && !hasRole(principal, 'viewer', server)) return { requests: [], hasOlder: false };
  const end = page * perPage;
  const seesAll = server !== undefined || hasRoleEverywhere(principal, 'viewer');
  const found = await store.listRequests({
    ...(states === undefined ? {} : { states }),
    ...(server === undefined ? {} : { server }),
    // Whoever sees some servers only needs all of them sifted.
    ...(seesAll ? { newest: end + 1 } : {}),
  });
  const visible = found.filter((request) => hasRole(principal, 'viewer', request.server)).toReversed();
  return { requests: visible.slice(end - perPage, end), hasOlder: visible.length > end };
}
