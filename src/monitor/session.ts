import { EVERY_SERVER, type Principal } from '../model/principal.js';
import { DEFAULT_SESSION_LIMITS, type SessionLimits } from '../model/session.js';
import { approverBySession } from './approver.js';
import type { MonitorDeps } from './deps.js';
import { hashSecret, newSecret } from './secret.js';

type SessionDeps = Pick<MonitorDeps, 'store' | 'clock' | 'random'>;

/** The time of last use is moved at most so often: reading pages is no reason to write each time. */
const TOUCH_EVERY_MS = 60_000;

/**
 * Opens a session for somebody who just signed in. Returns the secret for the cookie; it is always a new one, and the one that
 * it replaces is worth nothing from then on. Attack: session fixation.
 */
export async function startSession(
  principal: Principal,
  deps: SessionDeps,
  options: { readonly replaces?: string; readonly limits?: SessionLimits } = {},
): Promise<{ readonly session: string; readonly expiresAt: string }> {
  const { absoluteMs } = options.limits ?? DEFAULT_SESSION_LIMITS;
  const session = newSecret('', deps.random);
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + absoluteMs).toISOString();
  const replaces = options.replaces === undefined ? undefined : hashSecret(options.replaces);
  await deps.store.openSession({ hash: hashSecret(session), principal, at: now.toISOString(), expiresAt, replaces });
  return { session, expiresAt };
}

/** Returns whose session or enrolled browser it is; `undefined` where it is nobody's or over. */
export async function principalBySession(
  secret: string,
  deps: SessionDeps,
  limits: SessionLimits = DEFAULT_SESSION_LIMITS,
): Promise<Principal | undefined> {
  const hash = hashSecret(secret);
  return (await usedJustNow(hash, deps, limits)) ?? (await useAgain(hash, deps, limits)) ?? browserOf(secret, deps);
}

/** Returns whose session or enrolled browser it is, without using it: what runs by itself keeps nobody signed in. */
export async function peekSession(
  secret: string,
  deps: SessionDeps,
  { idleMs }: SessionLimits,
): Promise<Principal | undefined> {
  return (await findSession(hashSecret(secret), idleMs, deps)) ?? browserOf(secret, deps);
}

/** Ends a session: its cookie is worth nothing from now on. */
export async function endSession(secret: string, deps: SessionDeps): Promise<void> {
  await deps.store.endSession(hashSecret(secret), deps.clock.now().toISOString());
}

async function usedJustNow(hash: string, deps: SessionDeps, { idleMs }: SessionLimits): Promise<Principal | undefined> {
  return findSession(hash, Math.min(TOUCH_EVERY_MS, idleMs), deps);
}

async function useAgain(hash: string, deps: SessionDeps, { idleMs }: SessionLimits): Promise<Principal | undefined> {
  const principal = await findSession(hash, idleMs, deps);
  if (principal !== undefined) await deps.store.touchSession(hash, deps.clock.now().toISOString());
  return principal;
}

async function findSession(hash: string, idleMs: number, deps: SessionDeps): Promise<Principal | undefined> {
  const now = deps.clock.now();
  return deps.store.findSession(hash, now.toISOString(), new Date(now.getTime() - idleMs).toISOString());
}

async function browserOf(secret: string, deps: SessionDeps): Promise<Principal | undefined> {
  const name = await approverBySession(secret, deps);
  if (name === undefined) return undefined;
  return { id: `approver:${name}`, name, how: 'browser', grants: [{ role: 'approver', servers: EVERY_SERVER }] };
}
