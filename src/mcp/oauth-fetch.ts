import { Agent, fetch as undiciFetch, request as undiciRequest } from 'undici';

import { SealwatchError } from '../errors.js';
import type { HttpConnection, Server } from '../model/server.js';
import { DEFAULT_TLS, type TlsRules } from '../model/tls.js';
import { quote } from '../quote.js';
import { checkUrl } from './check-allowed.js';
import { checkHost, type Reach, reachOf } from './check-address.js';
import { fetchWithinOrigin } from './fetch-within-origin.js';
import { guardedConnector } from './guarded-connector.js';
import { connectError } from './http-error.js';
import { readBody } from './read-body.js';

/** Metadata and tokens are small; decompressed bytes count, since few of them can become gigabytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;

const HAS_NO_BODY = [204, 205, 304];
const SERVER_ERROR = 500;

/** The beginning of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

/** A request whose answer is not read. */
interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Begun = Answer & { readonly body: null };

/** A `fetch` for metadata, registration and tokens, with why it refused last: the SDK swallows some errors. */
export interface OAuthFetch {
  readonly fetch: typeof fetch;
  /**
   * Sends a request and reads no more of the answer than how it begins: a stream of events may have no end.
   *
   * @param redirects `none`: a redirect is the answer.
   * @throws {SealwatchError} `CONNECT_…`, `TLS_…`, `OBSERVE_CONNECT_FAILED`, `OBSERVE_REDIRECT`
   */
  readonly look: (url: URL, asked: Asked, redirects: 'within the origin' | 'none') => Promise<Answer>;
  /** What `fetch` holds an address to, for one that a browser is sent to. @throws {SealwatchError} `CONNECT_…` */
  readonly check: (url: URL) => Reach;
  readonly refusal: () => SealwatchError | undefined;
  readonly close: () => Promise<void>;
}

/**
 * Returns a `fetch` that is held to the same rules as the connection to the server: allowlist, addresses, no redirect to another
 * origin, TLS (but on this machine), and the pins where the host is the pinned one.
 */
export function createOAuthFetch({ allowlist, limits }: Server, connection: HttpConnection): OAuthFetch {
  const agents: Agent[] = [];
  let refusal: SealwatchError | undefined;
  const check = (url: URL): Reach => {
    const reach = reachOf(url.hostname, checkUrl(url, allowlist, connection.network));
    checkLoopback(url, reach, connection);
    // Attack: `https://login.example@evil.example` reads like another host to a person.
    if (url.username !== '' || url.password !== '')
      throw new SealwatchError('CONNECT_NOT_ALLOWED', `the address at ${quote(url.host, 120)} names a user`);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && reach === 'loopback'))
      throw new SealwatchError(
        'CONNECT_NOT_ALLOWED',
        `${quote(url.href, 120)} has no TLS, and tokens go nowhere without`,
      );
    // A browser connects by itself: what can be told of the address is told here.
    checkHost(url.hostname, reach);
    return reach;
  };
  const dispatcherFor = (url: URL): Agent => {
    const reach = check(url);
    const agent = new Agent({
      connect: guardedConnector({ limits, reach, tls: rulesFor(url, connection), onCertificate: () => undefined }),
      headersTimeout: limits.requestMs,
      bodyTimeout: limits.requestMs,
    });
    agents.push(agent);
    return agent;
  };
  const send = async (url: URL, init: RequestInit, signal: AbortSignal): ReturnType<typeof undiciFetch> =>
    await undiciFetch(url, {
      method: init.method ?? 'GET',
      headers: [...new Headers(init.headers)],
      body: init.body instanceof URLSearchParams ? init.body.toString() : ((init.body as string | undefined) ?? null),
      redirect: 'manual',
      dispatcher: dispatcherFor(url),
      signal,
    });
  const sendOnly = async (url: URL, { headers, ...asked }: Asked): Promise<Begun> => {
    // Not `fetch`, which does not let a caller say which host it asks.
    const answer = await undiciRequest(url, { ...asked, headers: { ...headers }, dispatcher: dispatcherFor(url) });
    answer.body.on('error', () => undefined).destroy();
    return { status: answer.statusCode, headers: headersOf(answer.headers), body: null };
  };
  return {
    fetch: async (input, init = {}) => {
      try {
        const url = new URL(input instanceof Request ? input.url : input);
        const { status, headers, body } = await wholeWithin(limits.requestMs, url, async (signal) => {
          const response = await fetchWithinOrigin(url, (target) => send(target, init, signal));
          return { ...statusAndHeaders(response), body: await readBody(response, MAX_ANSWER_BYTES, 'refuse') };
        });
        if (status >= SERVER_ERROR)
          refusal = new SealwatchError(
            'OAUTH_FAILED',
            `${quote(url.origin, 120)} answered HTTP ${status}; try again later`,
          );
        return new Response(HAS_NO_BODY.includes(status) ? null : new Uint8Array(body), { status, headers });
      } catch (error) {
        refusal = error instanceof SealwatchError ? error : connectError(error);
        throw refusal;
      }
    },
    look: async (url, asked, redirects) => {
      try {
        const { status, headers } =
          redirects === 'none'
            ? await sendOnly(url, asked)
            : await fetchWithinOrigin(url, (target) => sendOnly(target, asked));
        return { status, headers };
      } catch (error) {
        throw connectError(error);
      }
    },
    check,
    refusal: () => refusal,
    close: async () => {
      await Promise.all(agents.map(async (agent) => agent.destroy()));
    },
  };
}

/**
 * Attack: an answer that comes a byte at a time, each within the time that a byte may take, and never ends. Checks of all servers
 * share the places in which it would wait.
 *
 * @throws {SealwatchError} `OBSERVE_TIMEOUT`
 */
async function wholeWithin<Result>(
  timeoutMs: number,
  { origin }: URL,
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const message = `${quote(origin, 120)} gave no whole answer in ${timeoutMs} ms`;
    controller.abort(new SealwatchError('OBSERVE_TIMEOUT', message));
  }, timeoutMs);
  try {
    return await action(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function statusAndHeaders({ status, headers }: { status: number; headers: Iterable<[string, string]> }): Answer {
  // What undici decompressed is no longer as these say.
  const kept = [...headers].filter(([name]) => !['content-encoding', 'content-length'].includes(name));
  return { status, headers: new Headers(kept) };
}

function headersOf(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  return new Headers(
    Object.entries(headers).flatMap(([name, value = []]) => [value].flat().map((one): [string, string] => [name, one])),
  );
}

/** @throws {SealwatchError} `CONNECT_PRIVATE_ADDRESS` where a server of another machine sends us to one of ours. */
function checkLoopback({ origin }: URL, reach: Reach, { url, network }: HttpConnection): void {
  if (reach !== 'loopback' || reachOf(new URL(url).hostname, network) === 'loopback') return;
  throw new SealwatchError(
    'CONNECT_PRIVATE_ADDRESS',
    `the server sends us to ${quote(origin, 120)} to sign in, which is this machine`,
  );
}

/** Pins hold for a host, on whichever port; our certificate is shown to the server alone; its authorities are those of its house. */
function rulesFor(url: URL, { tls, url: server }: HttpConnection): TlsRules {
  const own = new URL(server);
  if (url.host === own.host) return tls;
  const pins = nameOf(url) === nameOf(own) ? tls.pins : [];
  return { ...DEFAULT_TLS, ca: tls.ca, minVersion: tls.minVersion, pins };
}

/** Attack: `mcp.example.com.` is the same host, and another text. */
function nameOf({ hostname }: URL): string {
  return hostname.replace(/\.$/, '');
}
