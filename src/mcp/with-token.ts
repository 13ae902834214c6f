import { messageOf, SealwatchError } from '../errors.js';
import type { OAuthSettings } from '../model/oauth.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Vault } from '../ports.js';
import { isRefusal } from '../policy/refusal.js';
import { quote } from '../quote.js';
import { type Challenge, challengeOf, joinScopes } from './challenge.js';
import { hideAll } from './hide-secrets.js';
import { createOAuthFetch, type OAuthFetch } from './oauth-fetch.js';
import { type Kept, keptAlone, KeptProvider, loadKept, loginNeeded } from './oauth-provider.js';

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
  const known = usable(await loadKept(vault, server.id, url), clock, refused);
  if (known !== undefined) return known;
  // A refresh token is good for one use: of two that use it at once, both are signed out (OAuth 2.1, section 4.3.1).
  return await keptAlone(vault, server.id, async () => {
    const kept = await loadKept(vault, server.id, url);
    return (
      usable(kept, clock, refused) ?? (await renewed(server, connection, { clock, vault, settings, kept }, refused))
    );
  });
}

/** Returns the token that is kept, unless it ends soon or is the one that was refused. */
function usable({ tokens, expiresAt }: Kept, clock: Clock, refused: Refused | undefined): string | undefined {
  const token = tokens?.access_token;
  const endsSoon = expiresAt !== undefined && Date.parse(expiresAt) - clock.now().getTime() < EARLY_MS;
  return token === refused?.token || endsSoon ? undefined : token;
}

interface Renewal {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly settings: OAuthSettings;
  readonly kept: Kept;
}

async function renewed(
  server: Server,
  connection: HttpConnection,
  { clock, vault, settings, kept }: Renewal,
  refused: Refused | undefined,
): Promise<string> {
  const isPerson = settings.grant === 'authorization_code';
  const { challenge } = refused ?? {};
  // A renewal gives no rights that the person did not agree to (RFC 6749, section 6).
  if (isPerson && challenge?.kind === 'scope') throw loginNeeded(server.id, challenge.scope ?? 'it does not say which');
  if (isPerson && kept.tokens?.refresh_token === undefined) throw loginNeeded(server.id);
  const scope = challenge?.kind === 'scope' ? joinScopes(kept.scope, challenge.scope) : kept.scope;
  const provider = new KeptProvider({ id: server.id, settings, vault, clock, kept: { ...kept, scope } });
  await renew(server, connection, provider, challenge);
  const token = provider.kept.tokens?.access_token;
  if (token === undefined) throw loginNeeded(server.id);
  return token;
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
      fetchFn: stoppingAtRefusal(guarded),
    });
  } catch (error) {
    throw oauthError(error, guarded.refusal(), provider.secrets());
  } finally {
    await guarded.close();
  }
}

/**
 * Returns a `fetch` that ends with the first address that may not be asked. The SDK takes metadata that it did not get for metadata that
 * is not there, and would go on with what older servers have instead.
 */
export function stoppingAtRefusal({ fetch: ask, refusal }: Pick<OAuthFetch, 'fetch' | 'refusal'>): typeof fetch {
  return async (input, init) => {
    const refused = refusal();
    if (refused !== undefined && isRefusal(refused.code)) throw refused;
    return await ask(input, init);
  };
}

/** Returns what the SDK has to know of where a server says that its metadata is. */
export function whereMetadataIs(challenge: Challenge | undefined): { readonly resourceMetadataUrl?: URL } {
  const url = challenge?.resourceMetadataUrl;
  return url === undefined ? {} : { resourceMetadataUrl: url };
}

/** What we sign to say who we are (RFC 7523) is as good as a secret for some minutes, and looks like this (RFC 7515, section 7.1). */
const SIGNED = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/**
 * Returns the error for a flow that failed; `refusal` is what our own `fetch` refused. An authorization server may repeat what it was
 * sent: none of the secrets stands in the message.
 */
export function oauthError(
  error: unknown,
  refusal: SealwatchError | undefined,
  secrets: readonly string[],
): SealwatchError {
  const isOurs = error instanceof SealwatchError;
  // After a failed renewal the SDK asks a person to sign in: what failed says more.
  if (isOurs && error.code !== 'OAUTH_LOGIN_NEEDED') return error;
  if (refusal !== undefined) return refusal;
  if (isOurs) return error;
  const said = hideAll(messageOf(error), secrets).replace(SIGNED, '[hidden]');
  return new SealwatchError('OAUTH_FAILED', `signing in failed: ${quote(said, 300)}`);
}
