import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SealwatchError } from '../errors.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Clock, Random, Vault } from '../ports.js';
import { quote } from '../quote.js';
import { createOAuthFetch } from './oauth-fetch.js';
import { type Kept, KeptProvider, loadKept } from './oauth-provider.js';
import { oauthError } from './with-token.js';

export interface LoginOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  /** Gets the address that a person has to open; it starts nothing by itself. */
  readonly onLink: (url: URL) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

const STATE_BYTES = 32;

/**
 * Signs in to a server by OAuth 2.1: a person opens a link, and the code comes back on a port of this machine; a client with
 * `client_credentials` signs in by itself. What was won is kept in the vault.
 *
 * @throws {SealwatchError} `OAUTH_FAILED`, `OAUTH_UNSAFE`, `INTERRUPTED`, `CONNECT_…`, `TLS_…`
 */
export async function login(server: Server, connection: HttpConnection, options: LoginOptions): Promise<void> {
  const { oauth: settings } = connection;
  if (settings === undefined) throw new SealwatchError('USAGE', `${server.id} has no "oauth" in its entry`);
  const kept = await loadKept(options.vault, server.id, connection.url);
  const state = Buffer.from(options.random.bytes(STATE_BYTES)).toString('base64url');
  const receiver = await listen(kept, state);
  const person = { redirectUrl: receiver.url, state, send: options.onLink };
  // A registration holds for the address that it was made with; what was discovered may have moved.
  const client = receiver.url === kept.redirectUrl ? { client: kept.client } : {};
  const fresh: Kept = { url: connection.url, redirectUrl: receiver.url, ...client };
  const provider = new KeptProvider({
    id: server.id,
    settings,
    vault: options.vault,
    clock: options.clock,
    kept: fresh,
    person,
  });
  const guarded = createOAuthFetch(server, connection);
  try {
    const { auth } = await import('@modelcontextprotocol/sdk/client/auth.js');
    const serverUrl = connection.url;
    if ((await auth(provider, { serverUrl, fetchFn: guarded.fetch })) === 'AUTHORIZED') return;
    const answer = await waitFor(receiver, options.signal);
    checkIssuer(answer, provider.kept);
    await auth(provider, { serverUrl, authorizationCode: answer.code, fetchFn: guarded.fetch });
  } catch (error) {
    throw oauthError(error, guarded.refusal(), provider.secrets());
  } finally {
    await guarded.close();
    receiver.close();
  }
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
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
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
