import { CALL_VIEWS } from '../model/call-limits.js';
import type { Server } from '../model/server.js';
import type { Clock, Store } from '../ports.js';
import type { Call, Entry } from './call-counter.js';

const DAY_MS = 86_400_000;

/**
 * Counts a call among those of its day (UTC), where that is limited: in the store, so that no restart begins anew, and several processes
 * count together. Returns which limit is reached; `undefined` where the call may be made.
 *
 * @throws {SealwatchError} `STORE_…`: the call may not be made.
 */
export async function takeQuota(
  { subject, target }: Call,
  { id, gateway }: Server,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): Promise<Extract<Entry, { kind: 'full' }> | undefined> {
  const names = { subject, tool: target, server: '' };
  const limited = CALL_VIEWS.flatMap((view) => {
    const most = gateway.calls[view].perDay;
    return most === undefined ? [] : [[view, { name: names[view], most }] as const];
  });
  if (limited.length === 0) return undefined;
  const now = clock.now();
  const day = now.toISOString().slice(0, 10);
  const limit = await store.countCall({ day, server: id, limits: Object.fromEntries(limited) });
  return limit && { kind: 'full', limit, retryAfterMs: DAY_MS - (now.getTime() % DAY_MS) };
}
