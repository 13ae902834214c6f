import type { Grant, Principal } from '../model/principal.js';
import type { ApiToken } from '../model/session.js';
import type { MonitorDeps } from './deps.js';
import { hashSecret, newSecret } from './secret.js';

type TokenDeps = Pick<MonitorDeps, 'store' | 'clock' | 'random'>;

/** Tells people and secret scanners what it is. */
const PREFIX = 'swt_';

/**
 * Adds a token for the JSON API. Returns it; it is shown once and stored as a hash only.
 *
 * @throws {SealwatchError} `API_TOKEN_EXISTS`
 */
export async function addApiToken(
  token: { readonly name: string; readonly grants: readonly Grant[]; readonly lifetimeMs: number },
  by: string,
  deps: TokenDeps,
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const { name, grants, lifetimeMs } = token;
  const secret = newSecret(PREFIX, deps.random);
  const now = deps.clock.now();
  const expiresAt = new Date(now.getTime() + lifetimeMs).toISOString();
  await deps.store.addApiToken({ name, hash: hashSecret(secret), grants, at: now.toISOString(), by, expiresAt });
  return { token: secret, expiresAt };
}

/** Returns the tokens by name, expired ones too, without anything secret. */
export async function listApiTokens(deps: TokenDeps): Promise<readonly ApiToken[]> {
  return deps.store.listApiTokens();
}

/** Ends a token. @throws {SealwatchError} `NOT_FOUND` */
export async function removeApiToken(name: string, by: string, deps: TokenDeps): Promise<void> {
  await deps.store.removeApiToken(name, deps.clock.now().toISOString(), by);
}

/** Returns whose token it is; `undefined` where it is nobody's, ended or expired. */
export async function principalByToken(token: string, deps: TokenDeps): Promise<Principal | undefined> {
  // A text that cannot be one costs no look-up.
  if (!/^swt_[\w-]{43}$/.test(token)) return undefined;
  return deps.store.findApiToken(hashSecret(token), deps.clock.now().toISOString());
}
