import { messageOf, SealwatchError } from '../errors.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { type Challenge, challengeOf, joinScopes } from './challenge.js';
import { createOAuthFetch } from './oauth-fetch.js';
import { KeptProvider, loadKept, loginNeeded } from './oauth-provider.js';

interface TokenOptions {
  readonly clock: Clock;
  readonly vault?: Vault | undefined;
}

/** A token that ends within so long is renewed first. */
const EARLY_MS = 60_000;

/**
 * Does something with a server that asks for a token: with the one that is kept, renewed where it ends soon, or once more with a
 * new one where the server does not take it. The token is one of the server's headers meanwhile, so that it is hidden like them.
 *
 * @throws {SealwatchError} `OAUTH_LOGIN_NEEDED`, `OAUTH_FAILED`, `OAUTH_UNSAFE`, `CONNECT_…`, `TLS_…`
 */
export async function withToken<Result>(
  server: Server,
  options: TokenOptions,
  action: (server: Server) => Promise<Result>,
): Promise<Result> {
  const { connection } = server;
  if (connection.kind !== 'http' || connection.oauth === undefined) return await action(server);
  const token = await tokenFor(server, connection, options, undefined);
  try {
    return await action(withHeader(server, connection, token));
  } catch (error) {
    const challenge = await challengeOf(error);
    if (challenge === undefined) throw error;
    const next = await tokenFor(server, connection, options, { token, challenge });
    return await action(withHeader(server, connection, next));
  }
}

/** Returns a server with a token among its headers. */
export function withHeader(
  server: Server,
  connection: HttpConnection,
  token: string,
): Server & { readonly connection: HttpConnection } {
  return {
    ...server,
    connection: { ...connection, headers: { ...connection.headers, authorization: `Bearer ${token}` } },
  };
}

/** A token that the server did not take, and what it asks for instead. */
interface Refused {
  readonly token: string;
  readonly challenge: Challenge;
}

async function tokenFor(
  server: Server,
  connection: HttpConnection,
  { clock, vault }: TokenOptions,
  refused: Refused | undefined,
): Promise<string> {
  const { oauth: settings, url } = connection;
  if (vault === undefined || settings === undefined) throw loginNeeded(server.id);
  const kept = await loadKept(vault, server.id, url);
  const known = kept.tokens?.access_token;
  const endsSoon = kept.expiresAt !== undefined && Date.parse(kept.expiresAt) - clock.now().getTime() < EARLY_MS;
  // Another process may have renewed it meanwhile.
  if (known !== undefined && known !== refused?.token && !endsSoon) return known;
  const isPerson = settings.grant === 'authorization_code';
  const { challenge } = refused ?? {};
  // A renewal gives no rights that the person did not agree to (RFC 6749, section 6).
  if (isPerson && challenge?.kind === 'scope') throw loginNeeded(server.id, challenge.scope ?? 'it does not say which');
  if (isPerson && kept.tokens?.refresh_token === undefined) throw loginNeeded(server.id);
  const scope = challenge?.kind === 'scope' ? joinScopes(kept.scope, challenge.scope) : kept.scope;
  const provider = new KeptProvider({ id: server.id, settings, vault, clock, kept: { ...kept, scope } });
  await renew(server, connection, provider, challenge);
  const renewed = provider.kept.tokens?.access_token;
  if (renewed === undefined) throw loginNeeded(server.id);
  return renewed;
}

async function renew(
  server: Server,
  connection: HttpConnection,
  provider: KeptProvider,
  challenge: Challenge | undefined,
): Promise<void> {
  const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const guarded = createOAuthFetch(server, connection);
  try {
    await auth(provider, {
      serverUrl: connection.url,
      ...whereMetadataIs(challenge),
      fetchFn: guarded.fetch,
    });
  } catch (error) {
    throw oauthError(error, guarded.refusal(), provider.secrets());
  } finally {
    await guarded.close();
  }
}

/** Returns what the SDK has to know of where a server says that its metadata is. */
export function whereMetadataIs(challenge: Challenge | undefined): { readonly resourceMetadataUrl?: URL } {
  const url = challenge?.resourceMetadataUrl;
  return url === undefined ? {} : { resourceMetadataUrl: url };
}

/**
 * Returns the error for a flow that failed; `refusal` is what our own `fetch` refused. An authorization server may repeat what it was
 * sent: none of the secrets stands in the message.
 */
export function oauthError(
  error: unknown,
  refusal: SealwatchError | undefined,
  secrets: readonly string[],
): SealwatchError {
  // After a failed renewal the SDK asks a person to sign in: what failed says more.
  if (refusal !== undefined) return refusal;
  if (error instanceof SealwatchError) return error;
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), messageOf(error));
  return new SealwatchError('OAUTH_FAILED', `signing in failed: ${quote(said, 300)}`);
}
