import { codeOf, SealwatchError } from '../errors.js';
import type { Network } from '../model/allowlist.js';
import type { JsonObject } from '../model/json.js';
import type { HttpConnection, Server } from '../model/server.js';
import type { Client } from '../model/vantage.js';
import type { Clock, PreparedStart } from '../ports.js';
import { quote } from '../quote.js';
import { reachOf } from './check-address.js';
import { checkLaunch, checkUrl } from './check-allowed.js';
import { HttpStatusError } from './http-error.js';
import type { Lifeline } from './lifeline.js';
import type { Link } from './link.js';
import type { HttpContext } from './open-http.js';
import { openStdio } from './open-stdio.js';
import { Session } from './session.js';
import { type Handshake, shakeHands } from './shake-hands.js';
import { startHttpChild } from './start-http-child.js';

/** A connection that is ready to list. */
export interface Connection {
  readonly session: Session;
  readonly handshake: Handshake;
  readonly lifeline: Lifeline;
  /** What was started in place of the server's command. */
  readonly start?: PreparedStart | undefined;
  /** Ends everything that the connection started; never rejects. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly clock: Clock;
  /** Who we say that we are. */
  readonly client: Client;
  readonly lifeline: Lifeline;
  /** What is agreed before anything is listed; as ourselves otherwise. */
  readonly capabilities?: JsonObject;
  /** What is started in place of the server's command. */
  readonly start?: PreparedStart | undefined;
}

/**
 * Connects to a server as its configuration says, and agrees on a revision, all within {@link Limits.startMs}.
 *
 * @throws {SealwatchError} `OBSERVE_…`; nothing that was started is alive then.
 */
export async function openConnection(server: Server, options: OpenOptions): Promise<Connection> {
  const { connection, limits, allowlist } = server;
  // Whoever did not ask what to start would start what the registry serves, which nobody has approved.
  if (server.runsApproved !== undefined && (options.start === undefined || connection.kind !== 'stdio'))
    throw new SealwatchError('PACKAGE_NOT_APPROVED', 'nobody said which version of its package is approved');
  if (options.lifeline.reason !== undefined) throw options.lifeline.reason;
  const attempt: Attempt = { ...options, limits, allowlist, deadline: options.clock.monotonicMs() + limits.startMs };
  switch (connection.kind) {
    case 'stdio':
      await checkLaunch(options.start?.named ?? connection.launch, allowlist);
      return await open(attempt, (lifeline, session) =>
        openStdio(options.start?.launch ?? connection.launch, { limits, lifeline, receiver: session }),
      );
    case 'http':
      return await openHttp(connection, attempt);
  }
}

interface Attempt extends OpenOptions, Pick<Server, 'limits' | 'allowlist'> {
  /** On the monotonic clock. */
  readonly deadline: number;
}

type Opener = (lifeline: Lifeline, session: Session) => Promise<Link>;

async function openHttp(connection: HttpConnection, attempt: Attempt): Promise<Connection> {
  const { launch } = connection;
  if (launch === undefined) {
    const check = (url: URL): Network => checkUrl(url, attempt.allowlist, connection.network);
    return await openHttpAt(new URL(connection.url), connection, check, attempt);
  }
  ofOurChild(new URL(connection.url.replaceAll('{port}', '1')));
  await checkLaunch(launch, attempt.allowlist);
  const { lifeline, release } = attempt.lifeline.fork();
  const started = await withinStart(lifeline, attempt, () => startHttpChild(connection, launch, lifeline));
  try {
    const opened = await openHttpAt(started.url, connection, ofOurChild, { ...attempt, lifeline });
    const close = once(async () => {
      await opened.close();
      // What serves HTTP does not end with its input: there is no answer to wait for.
      await started.child.end('hurried');
      release();
    });
    return { ...opened, close };
  } catch (error) {
    await started.child.end('hurried');
    release();
    throw error;
  }
}

/** What we started ourselves was allowed by its command; it may be nowhere but here. Attack: a command that is allowed, beside any address. */
function ofOurChild({ hostname }: URL): Network {
  if (reachOf(hostname, 'public') === 'loopback') return 'private';
  throw new SealwatchError(
    'CONNECT_NOT_ALLOWED',
    `${quote(hostname, 120)} is not this machine, where the server is started`,
  );
}

async function openHttpAt(
  url: URL,
  connection: HttpConnection,
  check: (url: URL) => Network,
  attempt: Attempt,
): Promise<Connection> {
  const { headers, tls } = connection;
  const reach = reachOf(url.hostname, check(url));
  // Loaded here: most commands talk to no server, and the transports bring the whole SDK along.
  const { openSse, openStreamableHttp } = await import('./open-http.js');
  const openWith = (openLink: (context: HttpContext) => Promise<Link>) =>
    open(attempt, (lifeline, receiver) =>
      openLink({ url, headers, tls, reach, checkUrl: check, limits: attempt.limits, lifeline, receiver }),
    );
  switch (connection.transport) {
    case 'streamable-http':
      return await openWith(openStreamableHttp);
    case 'sse':
      return await openWith(openSse);
    case 'auto':
      try {
        return await openWith(openStreamableHttp);
      } catch (error) {
        if (!(error instanceof HttpStatusError) || !FALLBACK_STATUSES.includes(error.status)) throw error;
        return await orFirstError(openWith(openSse), error);
      }
  }
}

/** MCP 2025-11-25, Transports, Backwards Compatibility: these answers to the first POST mean an HTTP+SSE server. */
const FALLBACK_STATUSES = [400, 404, 405];

/** Where there is no HTTP+SSE either, what the server said to Streamable HTTP is the better reason. */
async function orFirstError(fallback: Promise<Connection>, first: SealwatchError): Promise<Connection> {
  try {
    return await fallback;
  } catch (error) {
    throw NOT_SSE.includes(codeOf(error)) ? first : error;
  }
}

const NOT_SSE = ['OBSERVE_HTTP_STATUS', 'OBSERVE_NOT_JSON_RPC', 'OBSERVE_CONNECT_FAILED'];

async function open(attempt: Attempt, opener: Opener): Promise<Connection> {
  const { lifeline, release } = attempt.lifeline.fork();
  const session = new Session(lifeline, attempt.limits);
  let link: Link | undefined;
  const close = once(async () => {
    await link?.close();
    release();
    lifeline.fail(new SealwatchError('OBSERVE_CLOSED', 'the connection was closed'));
  });
  try {
    const handshake = await withinStart(
      lifeline,
      attempt,
      async () => {
        link = await opener(lifeline, session);
        session.attach(link);
        return await lifeline.wait(shakeHands(session, link, attempt));
      },
      session,
    );
    return { session, handshake, lifeline, start: attempt.start, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A second call waits for the first: a process group must not be signalled again when its number may be another's. */
function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return async () => {
    running ??= work();
    await running;
  };
}

/** Ends the lifeline when the time to start is over before the work is. */
async function withinStart<T>(
  lifeline: Lifeline,
  attempt: Attempt,
  work: () => Promise<T>,
  session?: Session,
): Promise<T> {
  const { startMs } = attempt.limits;
  const remainingMs = Math.max(0, attempt.deadline - attempt.clock.monotonicMs());
  const timer = setTimeout(() => {
    const what = session === undefined ? 'the port took no connection' : 'the server was not ready';
    lifeline.fail(
      session?.timeoutError(what, startMs) ?? new SealwatchError('OBSERVE_TIMEOUT', `${what} in ${startMs} ms`),
    );
  }, remainingMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
