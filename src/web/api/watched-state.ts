import type { Store } from '../../ports.js';
import type { ApiEvent } from './api-event.js';

/** More than so many alerts given up at once is a channel that is down, and these say so. */
const MAX_DEAD = 100;

/** What is in the store and not in the audit log, as far as its changes are told. */
export interface WatchedState {
  /** Since when each server cannot be checked; `undefined` where it can. */
  readonly outages: ReadonlyMap<string, string | undefined>;
  readonly dead: ReadonlySet<number>;
}

/**
 * Returns the state now, and what happened since `before`; nothing where there is none to compare with.
 *
 * @throws {SealwatchError} `STORE_…`
 */
export async function watchState(
  store: Pick<Store, 'listChecks' | 'listDeliveries'>,
  before: WatchedState | undefined,
): Promise<{ readonly state: WatchedState; readonly events: readonly ApiEvent[] }> {
  const checks = await store.listChecks();
  const dead = await store.listDeliveries({ states: ['dead'], limit: MAX_DEAD });
  const state = {
    outages: new Map(checks.map(({ server, outage }) => [server as string, outage?.since])),
    dead: new Set(dead.map(({ id }) => id)),
  };
  if (before === undefined) return { state, events: [] };
  return { state, events: [...checks.flatMap((check) => checkEvents(check, before)), ...deadEvents(dead, before)] };
}

type Check = Awaited<ReturnType<Store['listChecks']>>[number];

/** A server that fails for the hundredth time is no news, and neither is one that is as it was. */
function checkEvents({ server, outage, last }: Check, { outages }: WatchedState): readonly ApiEvent[] {
  if (outages.has(server) && outages.get(server) === outage?.since) return [];
  if (outage !== undefined) {
    const { since, code, message } = outage;
    return [{ type: 'server-unchecked', position: undefined, server, data: { server, since, code, message } }];
  }
  return [{ type: 'server-checked', position: undefined, server, data: { server, at: last?.at ?? null } }];
}

type Dead = Awaited<ReturnType<Store['listDeliveries']>>;

function deadEvents(dead: Dead, before: WatchedState): readonly ApiEvent[] {
  return dead
    .filter(({ id }) => !before.dead.has(id))
    .toReversed()
    .map(({ id, channel, recipient, message }) => ({
      type: 'delivery-failed',
      position: undefined,
      server: undefined,
      data: { delivery: id, channel, recipient, message: message ?? null },
    }));
}
