import type { ChangeRequest } from '../model/change-request.js';
import type { MonitorDeps } from './deps.js';

type TellingDeps = Pick<MonitorDeps, 'store'>;

/** A chain longer than this is cut: what it began with was told too long ago to matter. */
const MAX_EARLIER = 200;

/** Returns the channels on which a request is told, or about to be, itself or as what it was before it drifted on; not those that gave it up. */
export async function toldOn(request: ChangeRequest, deps: TellingDeps): Promise<readonly string[]> {
  return deps.store.toldOn(await chainOf(request, deps));
}

/** Returns when a request was first told to anybody, itself or as what it was before; `undefined` where nobody heard of it yet. */
export async function firstTold(request: ChangeRequest, deps: TellingDeps): Promise<string | undefined> {
  const told = await deps.store.firstTold(await chainOf(request, deps));
  return [...told.values()].sort()[0];
}

/** A server that keeps drifting without getting worse makes new requests, each of which nobody was told of. */
async function chainOf(request: ChangeRequest, { store }: TellingDeps): Promise<readonly number[]> {
  const filter = { states: ['superseded'], server: request.server, newest: MAX_EARLIER } as const;
  const earlier = await store.listRequests(filter);
  const chain = [request.id];
  for (const one of [...earlier].reverse()) {
    if (one.supersededBy !== undefined && chain.includes(one.supersededBy)) chain.push(one.id);
  }
  return chain;
}
