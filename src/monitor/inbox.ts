import { SealwatchError } from '../errors.js';
import type { RequestView } from '../model/alert.js';
import { careFor, type ChangeRequest, type Comment } from '../model/change-request.js';
import { URGENCIES } from '../model/drift.js';
import { hasRole, type Principal } from '../model/principal.js';
import { loadView } from './assess.js';
import type { MonitorDeps } from './deps.js';

type InboxDeps = Pick<MonitorDeps, 'store' | 'clock' | 'policy'>;

/** What waits for a decision, and what somebody may do about it. */
export interface InboxItem {
  readonly request: ChangeRequest;
  /** Whether this person looked at exactly this change. */
  readonly wasOpened: boolean;
  readonly mayDecide: boolean;
  /** Whether it may be decided together with others without having been looked at. */
  readonly mayDecideUnopened: boolean;
  /** Different persons that an approval needs. */
  readonly personsNeeded: 1 | 2;
}

/** One request with everything that its reader needs. */
export interface RequestPage {
  readonly view: RequestView;
  /** Oldest first. */
  readonly comments: readonly Comment[];
  /** What is asked now, where this request was replaced or the server drifted on after it was settled. */
  readonly newer: ChangeRequest | undefined;
  /** What this request replaced, newest first. */
  readonly replaces: readonly ChangeRequest[];
  /** Whether the person may settle it, and it can still be settled. */
  readonly mayDecide: boolean;
  readonly mayComment: boolean;
  readonly mayWaive: boolean;
  /** Different persons that an approval needs. */
  readonly personsNeeded: 1 | 2;
  /** Whether one of the approvals so far is this person's. */
  readonly isEndorsedByReader: boolean;
}

/** What a request replaced goes back no further than this. */
const MAX_REPLACED = 50;

/**
 * Returns what waits for a decision on the servers that somebody may see, most urgent first, then what waits longest.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_BROKEN`
 */
export async function listInbox(principal: Principal, deps: InboxDeps): Promise<readonly InboxItem[]> {
  const open = await deps.store.listRequests({ states: ['open'] });
  const requests = open.filter(({ server }) => hasRole(principal, 'viewer', server)).toSorted(worstFirst);
  const ids = requests.map(({ id }) => id);
  const opened = await deps.store.findOpened(principal.id, ids);
  return requests.map((request) => ({
    request,
    wasOpened: opened.has(request.digest),
    mayDecide: hasRole(principal, 'approver', request.server),
    mayDecideUnopened: mayDecideUnopened(request),
    personsNeeded: personsNeeded(request, deps),
  }));
}

/**
 * Returns a request for somebody to read, and notes that this person looked at exactly this change.
 *
 * @throws {SealwatchError} `NOT_FOUND` also for a request about a server that the person may not see: numbers tell nothing;
 *   `STORE_…`, `AUDIT_BROKEN`
 */
export async function openRequest(
  principal: Principal,
  id: number,
  deps: InboxDeps,
  /** `note: false`: somebody only asks for it and does not read it. */
  options: { readonly note?: boolean } = {},
): Promise<RequestPage> {
  const { store } = deps;
  const request = await visibleRequest(principal, id, deps);
  const others = await store.listRequests({ server: request.server, newest: MAX_REPLACED });
  const newer = newerThan(request, others);
  const isApprover = hasRole(principal, 'approver', request.server);
  const [view, comments] = [await loadView(request, store), await store.listComments(id)];
  // Last: what could not be shown was not looked at.
  if (options.note !== false) await noteOpened(principal, request, deps);
  return {
    view,
    comments,
    newer,
    replaces: others.filter(({ supersededBy }) => supersededBy === id).toReversed(),
    mayDecide: isApprover && (request.state === 'open' || (request.state === 'rejected' && newer === undefined)),
    mayComment: isApprover,
    mayWaive: isApprover && request.state === 'open',
    personsNeeded: personsNeeded(request, deps),
    isEndorsedByReader: request.endorsements.some(({ identity }) => identity === principal.id),
  };
}

/**
 * Returns a request that somebody may see.
 *
 * @throws {SealwatchError} `NOT_FOUND`: there is none, or not for this person.
 */
export async function visibleRequest(
  principal: Principal,
  id: number,
  { store }: Pick<MonitorDeps, 'store'>,
): Promise<ChangeRequest> {
  const request = Number.isSafeInteger(id) ? await store.getRequest(id) : undefined;
  if (request === undefined || !hasRole(principal, 'viewer', request.server)) {
    throw new SealwatchError('NOT_FOUND', `there is no request ${id}`);
  }
  return request;
}

/** Returns whether a request may be decided by somebody who did not look at it: what can harm nobody much, many at once. */
export function mayDecideUnopened(request: ChangeRequest): boolean {
  const care = careFor(request);
  return care === 'low' || care === 'info';
}

function worstFirst(a: ChangeRequest, b: ChangeRequest): number {
  return URGENCIES.indexOf(b.urgency) - URGENCIES.indexOf(a.urgency) || a.id - b.id;
}

function personsNeeded(request: ChangeRequest, { policy }: Pick<MonitorDeps, 'policy'>): 1 | 2 {
  return policy.twoPersons.includes(careFor(request)) ? 2 : 1;
}

function newerThan(request: ChangeRequest, others: readonly ChangeRequest[]): ChangeRequest | undefined {
  if (request.state === 'open') return undefined;
  const open = others.find(({ state, id }) => state === 'open' && id !== request.id);
  return open ?? others.find(({ id }) => id === request.supersededBy);
}

async function noteOpened(principal: Principal, request: ChangeRequest, { store, clock }: InboxDeps): Promise<void> {
  if (request.state !== 'open') return;
  const { id, digest } = request;
  await store.noteOpened({ request: id, digest, person: principal.id, at: clock.now().toISOString() });
}
