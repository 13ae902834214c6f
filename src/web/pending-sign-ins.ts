import { newSecret } from '../monitor/secret.js';
import type { Clock, Random, SignInChecks } from '../ports.js';

/** A sign-in that is under way: the browser is at the provider. */
interface PendingSignIn extends SignInChecks {
  /** Where on our site the person wanted to go. */
  readonly to: string;
}

/** Sign-ins that are under way, by the key in the browser's cookie. In memory: after a restart one signs in again. */
export interface PendingSignIns {
  /** Returns the key of a new one. */
  add(pending: PendingSignIn): string;
  /** Returns it and forgets it: an answer counts once. */
  take(key: string): PendingSignIn | undefined;
}

/** Time for a password, a second factor and a phone that is in another room. */
export const PENDING_LIFETIME_MS = 10 * 60_000;

/** More at a time are no people; the oldest is forgotten, so that they cannot fill the memory. */
const MAX_PENDING = 1_000;

/** Returns an empty collection. */
export function createPendingSignIns({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): PendingSignIns {
  const pending = new Map<string, PendingSignIn & { readonly endsAtMs: number }>();
  return {
    add: (one) => {
      const key = newSecret('', random);
      pending.set(key, { ...one, endsAtMs: clock.monotonicMs() + PENDING_LIFETIME_MS });
      const [oldest] = pending.keys();
      if (pending.size > MAX_PENDING && oldest !== undefined) pending.delete(oldest);
      return key;
    },
    take: (key) => {
      const one = pending.get(key);
      pending.delete(key);
      return one !== undefined && clock.monotonicMs() < one.endsAtMs ? one : undefined;
    },
  };
}
