import type { Dispatcher } from 'undici';

import type { JsonValue } from '../model/json.js';
import { type AnswerContext, AnswerReader } from './answer-reader.js';
import { connectError } from './http-error.js';
import type { OutgoingMessage } from './link.js';
import type { OpenRequests } from './open-requests.js';

/** A message that is answered. */
export interface OutgoingRequest extends OutgoingMessage {
  readonly id: JsonValue;
  readonly method: string;
}

export interface PostContext extends AnswerContext {
  /** Of the entry of the server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  readonly open: OpenRequests;
  /** Sends a request in a way that follows redirects. */
  readonly follow: (request: OutgoingRequest) => void;
}

/**
 * Returns what sends requests over Streamable HTTP (MCP 2025-11-25, Transports, Sending Messages to the Server) once a revision is agreed:
 * nothing stands between what is sent and the bytes that come. A call goes this way; through the SDK's transport, a `fetch` and its streams
 * it took longer than everything else that is done with it.
 *
 * What becomes of a request the receiver hears, also that there is no answer.
 */
export function createPost(
  context: PostContext,
  { revision, sessionId }: { readonly revision: string; readonly sessionId: string | undefined },
): (request: OutgoingRequest) => void {
  const { url } = context;
  const own = Object.entries(context.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers = {
    'accept-encoding': 'gzip, deflate',
    'mcp-protocol-version': revision,
    ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
    ...Object.fromEntries(own),
  };
  const target = { origin: url.origin, path: `${url.pathname}${url.search}` };
  return (request) => {
    const body = JSON.stringify(request);
    ask(request, context, { ...target, method: 'POST', headers: { ...POSTED, ...headers }, body }, (lastEventId) => ({
      ...target,
      method: 'GET',
      headers: { accept: 'text/event-stream', ...headers, 'last-event-id': lastEventId },
    }));
  };
}

const POSTED = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** Between a stream that broke and the next attempt, where the server says nothing about it. */
const RESUME_MS = 1_000;

/** Sends what asks for an answer. `resumed` is what asks for the rest of it, behind an event (MCP 2025-11-25, Resumability and Redelivery). */
function ask(
  request: OutgoingRequest,
  context: PostContext,
  options: Dispatcher.DispatchOptions,
  resumed: (lastEventId: string) => Dispatcher.DispatchOptions,
): void {
  const { dispatcher, receiver, open } = context;
  const reader = new AnswerReader(
    {
      id: request.id,
      resume: (lastEventId, retryMs = RESUME_MS) => {
        wait(request, context, retryMs, () => {
          ask(request, context, resumed(lastEventId), resumed);
        });
      },
      follow: () => {
        context.follow(request);
      },
      over: () => {
        release();
      },
    },
    context,
  );
  let release = (): void => undefined;
  try {
    release = open.begin(request.id, () => {
      reader.giveUp();
    });
    dispatcher.dispatch(options, reader);
  } catch (error) {
    release();
    receiver.receiveNothing(request.id, connectError(error));
  }
}

/** Waits before it goes on, unless nobody waits for the answer any more. */
function wait({ id }: OutgoingRequest, { open, receiver }: PostContext, ms: number, goOn: () => void): void {
  let release = (): void => undefined;
  const timer = setTimeout(() => {
    release();
    goOn();
  }, ms);
  try {
    release = open.begin(id, () => {
      clearTimeout(timer);
    });
  } catch (error) {
    clearTimeout(timer);
    receiver.receiveNothing(id, connectError(error));
  }
}
