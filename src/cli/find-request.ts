import { SealwatchError } from '../errors.js';
import { formatRef, parseRef } from '../integrity/definition-ref.js';
import type { ChangeRequest, RequestState } from '../model/change-request.js';
import type { RefText } from '../model/definition.js';
import type { Server } from '../model/server.js';
import { assess } from '../monitor/assess.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { Store } from '../ports.js';
import { quote } from '../quote.js';

/** A request, and the part of it that is meant; `only` absent: all of it. */
export interface Selection {
  readonly request: ChangeRequest;
  readonly only: readonly RefText[] | undefined;
}

/** Requests that can still be decided. A rejected one can still be approved. */
const DECIDABLE: readonly RequestState[] = ['open', 'rejected'];

/**
 * Returns what a person names: a request's number, a definition with a change that waits, or a server with an open request.
 * Definitions of one request are put together.
 *
 * @throws {SealwatchError} `NOT_FOUND`, `REF_INVALID`
 */
export async function findSelections(items: readonly string[], store: Store): Promise<readonly Selection[]> {
  const found = new Map<number, Selection>();
  for (const item of items) {
    const next = await findSelection(item, store);
    const before = found.get(next.request.id);
    found.set(next.request.id, before === undefined ? next : merge(before, next));
  }
  return [...found.values()];
}

/** Returns the one selection that a text names. @throws {SealwatchError} `NOT_FOUND`, `REF_INVALID` */
export async function findSelection(item: string, store: Store): Promise<Selection> {
  if (/^#?\d{1,15}$/.test(item))
    return { request: await byNumber(Number(item.replace('#', '')), store), only: undefined };
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(item)) return { request: await byServer(item, store), only: undefined };
  const refText = formatRef(parseRef(item));
  const requests = await store.listRequests({ states: DECIDABLE });
  const request = newestFirst(requests).find(({ changes }) => changes.some((change) => change.refText === refText));
  if (request === undefined) throw new SealwatchError('NOT_FOUND', `no change of ${quote(item)} waits for a decision`);
  return { request, only: [refText] };
}

async function byNumber(id: number, store: Store): Promise<ChangeRequest> {
  const request = await store.getRequest(id);
  if (request === undefined) throw new SealwatchError('NOT_FOUND', `there is no request ${id}`);
  return request;
}

async function byServer(id: string, store: Store): Promise<ChangeRequest> {
  const requests = await store.listRequests({ states: DECIDABLE });
  const request = newestFirst(requests).find(({ server }) => server === id);
  if (request === undefined)
    throw new SealwatchError('NOT_FOUND', `nothing of a server ${quote(id)} waits for a decision`);
  return request;
}

/** Open ones before rejected ones: those are what is asked now. */
function newestFirst(requests: readonly ChangeRequest[]): readonly ChangeRequest[] {
  const rank = (request: ChangeRequest): number => (request.state === 'open' ? 1 : 0);
  return [...requests].sort((a, b) => rank(b) - rank(a) || b.id - a.id);
}

function merge(a: Selection, b: Selection): Selection {
  if (a.only === undefined || b.only === undefined) return { request: a.request, only: undefined };
  return { request: a.request, only: [...new Set([...a.only, ...b.only])] };
}

/** Returns the rejected requests that still say what is held: a rejected change that went away or drifted on is history. */
export async function standingRejections(
  servers: readonly Server[],
  deps: MonitorDeps,
): Promise<readonly ChangeRequest[]> {
  const rejected = await deps.store.listRequests({ states: ['rejected'] });
  const now = new Map<string, string | undefined>();
  for (const server of servers.filter(({ id }) => rejected.some((request) => request.server === id)))
    now.set(server.id, (await assess(server, deps)).evaluation?.requested?.asked);
  return rejected.filter(({ server, asked }) => now.get(server) === asked);
}
