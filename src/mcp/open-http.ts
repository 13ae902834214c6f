import { StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

import { messageOf, SealwatchError } from '../errors.js';
import type { Limits } from '../model/limits.js';
import { quote } from '../quote.js';
import { createTappedFetch, type TapOptions, type TappedFetch } from './tapped-fetch.js';
import type { Lifeline } from './lifeline.js';
import type { Link, OutgoingMessage, Receiver } from './link.js';
import { createPost, type OutgoingRequest, type Post, type PostContext } from './post-requests.js';
import { MODERN_REVISION } from './protocol.js';

export interface HttpContext extends Pick<TapOptions, 'tls' | 'reach' | 'checkUrl'> {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly lifeline: Lifeline;
  readonly receiver: Receiver;
}

/**
 * Talks Streamable HTTP through the SDK's transports: v1's up to revision 2025-11-25, v2's for 2026-07-28. They compose
 * headers, keep the session and resume streams; what a server says reaches us through the tapped `fetch` alone.
 */
export async function openStreamableHttp(context: HttpContext): Promise<Link> {
  const tap = createTappedFetch({ ...context, mode: 'streamable-http' });
  const options = transportOptions(context, tap);
  const first = new StreamableHTTPClientTransport(context.url, options);
  let transport: StreamableHTTPClientTransport | ModernTransport = first;
  let post: Post | undefined;
  await first.start();
  watchReconnection(first, context.lifeline);
  // The SDK's types name each method; what we send are requests it does not need to know.
  const send = async (message: OutgoingMessage): Promise<void> => {
    await sendOver(transport, message as JSONRPCMessage);
  };
  let sending = Promise.resolve();
  return {
    send: async (message) => {
      if (post !== undefined && isRequest(message)) post.send(message);
      else await (sending = send(message));
    },
    end: (id, why) => post?.end(id, why),
    useRevision: async (revision) => {
      if (revision !== MODERN_REVISION) {
        first.setProtocolVersion(revision);
        // Its answer is read before the SDK has read the session out of the headers that came with it.
        await sending.catch(() => undefined);
        const ways = { dispatcher: tap.dispatcher, ...waysAround(first, context, send) };
        post = createPost({ ...context, ...ways }, { revision, sessionId: first.sessionId });
        return;
      }
      await first.close();
      transport = new ModernTransport(context.url, options);
      await transport.start();
      watchReconnection(transport, context.lifeline);
    },
    close: async () => {
      if (transport.sessionId !== undefined) await endSession(transport, tap);
      await closeQuietly(transport);
      await tap.close();
    },
  };
}

function isRequest(message: OutgoingMessage): message is OutgoingRequest {
  return message.id !== undefined && message.method !== undefined;
}

/** What becomes of a request whose answer does not come on the connection on which it was sent. */
function waysAround(
  transport: StreamableHTTPClientTransport,
  { lifeline, receiver }: HttpContext,
  send: (message: OutgoingMessage) => Promise<void>,
): Pick<PostContext, 'resume' | 'follow'> {
  const orNothing = (request: OutgoingRequest, work: Promise<void>): void => {
    work.catch((error: unknown) => {
      receiver.receiveNothing(request.id, lifeline.reason ?? asConnectError(error));
    });
  };
  return {
    follow: (request) => {
      orNothing(request, send(request));
    },
    resume: (request, lastEventId, retryMs = RECONNECTION.initialReconnectionDelay) => {
      const timer = setTimeout(() => {
        orNothing(request, transport.resumeStream(lastEventId));
      }, retryMs);
      lifeline.onEnd(() => {
        clearTimeout(timer);
      });
    },
  };
}

/** Talks HTTP+SSE, the transport of revision 2024-11-05, through the SDK's transport. Returns when the stream is open. */
export async function openSse(context: HttpContext): Promise<Link> {
  const tap = createTappedFetch({ ...context, mode: 'sse' });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- servers of revision 2024-11-05 speak nothing else
  const transport = new SSEClientTransport(context.url, transportOptions(context, tap));
  const close = async (): Promise<void> => {
    await closeQuietly(transport);
    await tap.close();
  };
  try {
    await context.lifeline.wait(transport.start());
  } catch (error) {
    await close();
    throw context.lifeline.reason ?? asConnectError(error);
  }
  // The client would reconnect by itself, to a session that knows nothing of us.
  transport.onerror = (error) => {
    context.lifeline.fail(new SealwatchError('OBSERVE_CLOSED', `the event stream broke: ${quote(messageOf(error))}`));
  };
  return {
    send: async (message) => {
      await sendOver(transport, message as JSONRPCMessage);
    },
    useRevision: (revision) => {
      transport.setProtocolVersion(revision);
      return Promise.resolve();
    },
    close,
  };
}

/** Pauses between attempts to resume a stream; after these the connection counts as lost. */
const RECONNECTION = {
  initialReconnectionDelay: 1_000,
  maxReconnectionDelay: 10_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 3,
};

function transportOptions(
  { headers }: HttpContext,
  tap: TappedFetch,
): {
  readonly fetch: typeof fetch;
  readonly requestInit: RequestInit;
  readonly reconnectionOptions: typeof RECONNECTION;
} {
  return { fetch: tap.fetch, requestInit: { headers: { ...headers } }, reconnectionOptions: RECONNECTION };
}

interface Sender {
  send(message: JSONRPCMessage): Promise<void>;
}

async function sendOver(transport: Sender, message: JSONRPCMessage): Promise<void> {
  try {
    await transport.send(message);
  } catch (error) {
    throw asConnectError(error);
  }
}

/** Our own errors pass through the SDK unchanged; what else it throws is about the connection. */
function asConnectError(error: unknown): SealwatchError {
  if (error instanceof SealwatchError) return error;
  return new SealwatchError('OBSERVE_CONNECT_FAILED', quote(messageOf(error)), { cause: error });
}

function watchReconnection(transport: { onerror?: ((error: Error) => void) | undefined }, lifeline: Lifeline): void {
  transport.onerror = (error) => {
    // All other errors reach us through `fetch` and `send`, or are about messages that we read ourselves.
    if (!error.message.startsWith('Maximum reconnection attempts')) return;
    lifeline.fail(new SealwatchError('OBSERVE_CLOSED', 'the event stream broke and could not be resumed'));
  };
}

/** A server that does not answer the farewell is left without one. */
const FAREWELL_MS = 1_000;

async function endSession(transport: StreamableHTTPClientTransport | ModernTransport, tap: TappedFetch): Promise<void> {
  const timer = setTimeout(() => {
    tap.abort();
  }, FAREWELL_MS);
  try {
    await transport.terminateSession();
  } catch {
    // The listing is complete or has failed already; the server ends the session by its own clock.
  } finally {
    clearTimeout(timer);
  }
}

async function closeQuietly(transport: { close(): Promise<void> }): Promise<void> {
  try {
    await transport.close();
  } catch {
    // What a transport cannot close, the tap below closes: it holds the sockets.
  }
}
