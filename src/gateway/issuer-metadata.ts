import { Agent, fetch as undiciFetch, type RequestInit } from 'undici';

/** Keys, metadata and what is said of a token are small. */
const MAX_RESPONSE_BYTES = 1024 * 1024;

const TIMEOUT_MS = 10_000;

/** Asks an authorization server; never follows a redirect. */
export type AskIssuer = (url: string, request?: Pick<RequestInit, 'method' | 'headers' | 'body'>) => Promise<Response>;

/** Returns what asks authorization servers, with a bound on size and time. */
export function createAskIssuer(): AskIssuer {
  const dispatcher = new Agent({ maxResponseSize: MAX_RESPONSE_BYTES });
  return async (url, request = {}) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await undiciFetch(url, { ...request, dispatcher, redirect: 'error', signal });
    // undici's own Response and that of Node are the same class in two copies; jose knows the latter.
    return new Response(await response.arrayBuffer(), { status: response.status, headers: [...response.headers] });
  };
}

/**
 * Returns an address that an issuer names in its metadata (RFC 8414, section 3.1; OpenID Connect Discovery).
 *
 * @throws {Error} where it names none, cannot be asked, or answers as another
 */
export async function addressOf(
  issuer: string,
  member: 'jwks_uri' | 'introspection_endpoint',
  ask: AskIssuer,
): Promise<string> {
  const { origin, pathname, protocol } = new URL(issuer);
  const path = pathname === '/' ? '' : pathname;
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const place of places) {
    const response = await ask(place);
    if (!response.ok) continue;
    const metadata = (await response.json()) as Readonly<Record<string, unknown>>;
    if (metadata['issuer'] !== issuer) throw new Error(`${place} is of another issuer`);
    const address = metadata[member];
    // What anybody on the way can replace is none.
    if (typeof address === 'string' && new URL(address).protocol === protocol) return address;
  }
  throw new Error(`no metadata of ${issuer} names its ${member}`);
}

/** A failure is not remembered: the authorization server may be there again. */
export function lazily<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
}
