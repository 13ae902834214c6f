import type { Clock } from '../ports.js';

/** Counts events per client in a sliding window; in memory only, since forgetting it at a restart gives nobody much. */
export interface RateLimit {
  /** Whether the client has used up its window. */
  isExceeded(client: string): boolean;
  count(client: string): void;
}

/** An attacker with many addresses must not fill the memory either. */
const MAX_CLIENTS = 10_000;

/** Returns a limit of so many events per window and client. */
export function createRateLimit(
  options: { readonly limit: number; readonly windowMs: number },
  clock: Clock,
): RateLimit {
  const events = new Map<string, readonly number[]>();
  const recent = (client: string): readonly number[] => {
    const since = clock.monotonicMs() - options.windowMs;
    return (events.get(client) ?? []).filter((at) => at > since);
  };
  return {
    isExceeded: (client) => recent(client).length >= options.limit,
    count: (client) => {
      const times = [...recent(client), clock.monotonicMs()].slice(-options.limit);
      // Set anew, so that the map's order is that of last use and the first is the one to forget.
      events.delete(client);
      events.set(client, times);
      const [oldest] = events.keys();
      if (events.size > MAX_CLIENTS && oldest !== undefined) events.delete(oldest);
    },
  };
}
