import { SealwatchError } from '../errors.js';
import { HttpStatusError } from './http-error.js';

/** What an HTTP server asked for when it refused us. */
export interface Challenge {
  /** Nobody is signed in, or somebody who may not do this. */
  readonly kind: 'token' | 'scope';
  /** Where it says that its metadata is (RFC 9728, section 5.1). */
  readonly resourceMetadataUrl: URL | undefined;
  /** Separated by spaces (RFC 6750, section 3). */
  readonly scope: string | undefined;
}

/** More than this is no list of rights. */
const MAX_SCOPE_LENGTH = 1_000;

/**
 * Returns what a server asked for with the answer that an error is about; `undefined` where it asked for nothing.
 *
 * MCP 2025-11-25, Authorization: 401 asks for a token, 403 with `insufficient_scope` for one with more rights.
 */
export async function challengeOf(error: unknown): Promise<Challenge | undefined> {
  const cause = error instanceof SealwatchError ? (error.cause ?? error) : error;
  if (!(cause instanceof HttpStatusError) || (cause.status !== 401 && cause.status !== 403)) return undefined;
  const { extractWWWAuthenticateParams } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const headers = { 'www-authenticate': cause.challenge ?? '' };
  const { resourceMetadataUrl, scope, error: reason } = extractWWWAuthenticateParams(new Response(null, { headers }));
  if (cause.status === 403 && reason !== 'insufficient_scope') return undefined;
  return {
    kind: cause.status === 401 ? 'token' : 'scope',
    resourceMetadataUrl,
    scope: scope === undefined || scope.length > MAX_SCOPE_LENGTH ? undefined : scope,
  };
}

/** Returns the rights of several lists as one, each once; `undefined` where there are none. */
export function joinScopes(...scopes: readonly (string | undefined)[]): string | undefined {
  const all = new Set(scopes.flatMap((scope) => scope?.split(' ') ?? []).filter((one) => one !== ''));
  return all.size === 0 ? undefined : [...all].join(' ');
}
