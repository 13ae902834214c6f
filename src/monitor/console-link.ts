import { timingSafeEqual } from 'node:crypto';

import { EVERY_SERVER, type Principal } from '../model/principal.js';
import type { MonitorDeps } from './deps.js';
import { hashSecret, newSecret } from './secret.js';

/** Long enough to open it, too short to find it in a terminal that was left open. */
const LIFETIME_MS = 15 * 60_000;

/** A sign-in for whoever reads the console of the service; it is kept in memory only, as a hash. */
export interface ConsoleLink {
  /** Whether this token would sign in now. Uses nothing up. */
  isValid(token: string): boolean;
  /** Uses the token up. Returns who it was printed for; `undefined` where it is another one, used, or too old. */
  redeem(token: string): Principal | undefined;
}

/** Returns a sign-in that works once and for 15 minutes, with the token to print. `name` is that of the account. */
export function createConsoleLink(
  name: string,
  { clock, random }: Pick<MonitorDeps, 'clock' | 'random'>,
): { readonly link: ConsoleLink; readonly token: string } {
  const token = newSecret('', random);
  const hash = Buffer.from(hashSecret(token));
  const endsAtMs = clock.monotonicMs() + LIFETIME_MS;
  let isUsed = false;
  // Digests of equal length, in constant time: neither tells how much of a guess was right.
  const isValid = (guess: string): boolean =>
    timingSafeEqual(Buffer.from(hashSecret(guess)), hash) && !isUsed && clock.monotonicMs() < endsAtMs;
  const redeem = (guess: string): Principal | undefined => {
    if (!isValid(guess)) return undefined;
    isUsed = true;
    return { id: 'console', name, how: 'console', grants: [{ role: 'admin', servers: EVERY_SERVER }] };
  };
  return { token, link: { isValid, redeem } };
}
