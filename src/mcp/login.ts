import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SealwatchError } from '../errors.js';
import type { OAuthSettings } from '../model/oauth.js';
import { DEFAULT_POSTURE } from '../model/posture.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Random, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { type Challenge, challengeOf, joinScopes } from './challenge.js';
import { createOAuthFetch } from './oauth-fetch.js';
import { type Kept, KeptProvider, loadKept } from './oauth-provider.js';
import { createObserver } from './observer.js';
import { oauthError, stoppingAtRefusal, whereMetadataIs, withHeader } from './with-token.js';

export interface LoginOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** Our own version, which servers are told. */
  readonly clientVersion: string;
  /** Gets the address that a person has to open; it starts nothing by itself. */
  readonly onLink: (url: URL) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

const STATE_BYTES = 32;

/** It is printed, and no server takes a longer one; the rights that a server lists are in it. */
const MAX_LINK_LENGTH = 16_000;

/**
 * Signs in to a server by OAuth 2.1: a person opens a link, and the code comes back on a port of this machine; a client with
 * `client_credentials` signs in by itself. What was won is kept in the vault.
 *
 * The server is listed without a token first, and once with it, because it says then where its metadata is and which rights it
 * wants (MCP 2025-11-25, Authorization); where it wants more the second time, it is asked for once more, and not again.
 *
 * @throws {SealwatchError} `OAUTH_FAILED`, `OAUTH_UNSAFE`, `INTERRUPTED`, `CONNECT_…`, `TLS_…`
 */
export async function login(server: Server, connection: HttpConnection, options: LoginOptions): Promise<void> {
  const { oauth: settings } = connection;
  if (settings === undefined) throw new SealwatchError('USAGE', `${server.id} has no "oauth" in its entry`);
  // Only what the server says about signing in is of interest: nobody else asks, and nothing is tried.
  const anonymous = { ...connection, oauth: undefined, posture: DEFAULT_POSTURE };
  const alone = { ...server, vantages: [] };
  const first = await refusalOf({ ...alone, connection: anonymous }, options);
  const token = await signIn(server, connection, settings, options, first);
  const second = await refusalOf(withHeader(alone, anonymous, token), options);
  if (second?.kind === 'scope') await signIn(server, connection, settings, options, second);
}

/** What else goes wrong is for the next check to tell: a person wants to sign in now. */
async function refusalOf(
  server: Server,
  { clock, clientVersion, signal }: LoginOptions,
): Promise<Challenge | undefined> {
  try {
    await createObserver({ clock, clientVersion }).observe(server, signal);
    return undefined;
  } catch (error) {
    return await challengeOf(error);
  }
}

/** Returns the access token. */
async function signIn(
  server: Server,
  connection: HttpConnection,
  settings: OAuthSettings,
  options: LoginOptions,
  challenge: Challenge | undefined,
): Promise<string> {
  const kept = await loadKept(options.vault, server.id, connection.url);
  const state = Buffer.from(options.random.bytes(STATE_BYTES)).toString('base64url');
  const receiver = await listen(kept, state);
  const scope = joinScopes(challenge?.kind === 'scope' ? kept.scope : undefined, challenge?.scope);
  const guarded = createOAuthFetch(server, connection);
  const send = (url: URL): void => {
    // The address is the authorization server's: it must not have the browser, or another program, open something else.
    guarded.check(url);
    if (url.href.length > MAX_LINK_LENGTH)
      throw new SealwatchError('OAUTH_FAILED', `the link to sign in has ${url.href.length} characters`);
    options.onLink(url);
  };
  // A registration holds for the address and the rights that it was made with; what was discovered may have moved.
  const isSameClient = receiver.url === kept.redirectUrl && challenge?.kind !== 'scope';
  const client = isSameClient ? { client: kept.client } : {};
  const provider = new KeptProvider({
    id: server.id,
    settings,
    vault: options.vault,
    clock: options.clock,
    kept: { url: connection.url, redirectUrl: receiver.url, scope, ...client },
    person: { redirectUrl: receiver.url, state, send },
  });
  const asked = {
    serverUrl: connection.url,
    ...(scope === undefined ? {} : { scope }),
    ...whereMetadataIs(challenge),
    fetchFn: stoppingAtRefusal(guarded),
  };
  let code = '';
  try {
    const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js');
    if ((await auth(provider, asked)) !== 'AUTHORIZED') {
      const answer = await waitFor(receiver, options.signal);
      code = answer.code;
      checkIssuer(answer, provider.kept);
      await auth(provider, { ...asked, authorizationCode: code });
    }
  } catch (error) {
    const secrets = [...provider.secrets(), code].filter((secret) => secret !== '');
    throw oauthError(error, guarded.refusal(), secrets);
  } finally {
    await guarded.close();
    receiver.close();
  }
  const token = provider.kept.tokens?.access_token;
  if (token === undefined) throw new SealwatchError('OAUTH_FAILED', 'the authorization server gave no token');
  return token;
}

interface Answer {
  readonly code: string;
  readonly issuer: string | undefined;
}

interface Receiver {
  readonly url: string;
  readonly answer: Promise<Answer>;
  close(): void;
}

/** Listens on this machine only, on the port of the last time where it is free: some servers want the very same address. */
async function listen({ redirectUrl }: Kept, state: string): Promise<Receiver> {
  const http = createServer();
  const before = redirectUrl === undefined ? 0 : Number(new URL(redirectUrl).port);
  if (!(await tryToListen(http, before))) await tryToListen(http, 0);
  const { port } = http.address() as AddressInfo;
  const answer = new Promise<Answer>((resolve, reject) => {
    http.on('request', (request, response) => {
      const outcome = read(request, state);
      // What is not the answer to our own request is a page of somebody else: it is told nothing, and ends nothing.
      if (outcome === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
      const isError = outcome instanceof SealwatchError;
      response.end(isError ? 'Signing in failed; the terminal says why.\n' : 'Signed in. You can close this window.\n');
      if (isError) reject(outcome);
      else resolve(outcome);
    });
  });
  // It is looked at only after the link was made.
  answer.catch(() => undefined);
  return {
    url: `http://127.0.0.1:${port}/callback`,
    answer,
    close: () => {
      http.close();
      http.closeAllConnections();
    },
  };
}

async function tryToListen(http: HttpServer, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    http.once('error', () => {
      resolve(false);
    });
    http.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });
}

function read({ method, url = '' }: IncomingMessage, state: string): Answer | SealwatchError | undefined {
  // Not resolved against an address: of `//` that makes none, and any page of a browser could end us with it.
  const [pathname, query = ''] = url.split('?', 2);
  const searchParams = new URLSearchParams(query);
  if (method !== 'GET' || pathname !== '/callback' || !isSame(searchParams.get('state') ?? '', state)) return undefined;
  const code = searchParams.get('code');
  if (code !== null) return { code, issuer: searchParams.get('iss') ?? undefined };
  const said = [searchParams.get('error'), searchParams.get('error_description')].filter((text) => text !== null);
  return new SealwatchError('OAUTH_FAILED', `the authorization server refused: ${quote(said.join(': '), 200)}`);
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function waitFor({ answer }: Receiver, signal: AbortSignal): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(new SealwatchError('INTERRUPTED', 'nobody came back from the authorization server'));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject);
  });
}

/** RFC 9207: an answer that was made by another authorization server must not be taken to ours. */
function checkIssuer({ issuer }: Answer, { discovery }: Kept): void {
  const metadata = discovery?.authorizationServerMetadata;
  if (metadata === undefined) return;
  const isAnnounced =
    'authorization_response_iss_parameter_supported' in metadata &&
    metadata['authorization_response_iss_parameter_supported'] === true;
  if (issuer === undefined ? !isAnnounced : issuer === metadata.issuer) return;
  throw new SealwatchError(
    'OAUTH_UNSAFE',
    `the answer came from ${quote(issuer ?? 'nobody who says so', 120)}, not from ${quote(metadata.issuer, 120)}`,
  );
}
