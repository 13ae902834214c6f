import type { Dispatcher } from 'undici';

import type { JsonValue } from '../model/json.js';
import { type AnswerContext, AnswerReader } from './answer-reader.js';
import { connectError } from './http-error.js';
import type { OutgoingMessage } from './link.js';

/** A message that is answered. */
export interface OutgoingRequest extends OutgoingMessage {
  readonly id: JsonValue;
  readonly method: string;
}

export interface PostContext extends AnswerContext {
  /** Of the entry of the server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
  /** Opens the event stream of a request again behind an event, after so long. */
  readonly resume: (request: OutgoingRequest, lastEventId: string, retryMs: number | undefined) => void;
  /** Sends a request in a way that follows redirects. */
  readonly follow: (request: OutgoingRequest) => void;
}

/** Sends requests. */
export interface Post {
  readonly send: (request: OutgoingRequest) => void;
  /**
   * Closes what is open for a request for which nobody waits any more: at once, or where it is answered, after a moment.
   *
   * Attack: a server answers nothing, so that each call that is called off leaves a socket behind, until there are none for anybody.
   */
  readonly end: (id: JsonValue, why: 'answered' | 'called-off') => void;
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
): Post {
  const open = new Map<JsonValue, AnswerReader>();
  const { url, dispatcher, receiver } = context;
  const own = Object.entries(context.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'gzip, deflate',
    'mcp-protocol-version': revision,
    ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
    ...Object.fromEntries(own),
  };
  const target = { origin: url.origin, path: `${url.pathname}${url.search}`, method: 'POST', headers } as const;
  const send = (request: OutgoingRequest): void => {
    const asked = {
      id: request.id,
      resume: (lastEventId: string, retryMs: number | undefined): void => {
        context.resume(request, lastEventId, retryMs);
      },
      follow: (): void => {
        context.follow(request);
      },
      over: (): void => {
        open.delete(request.id);
      },
    };
    const reader = new AnswerReader(asked, context);
    open.set(request.id, reader);
    try {
      dispatcher.dispatch({ ...target, body: JSON.stringify(request) }, reader);
    } catch (error) {
      open.delete(request.id);
      receiver.receiveNothing(request.id, connectError(error));
    }
  };
  const end: Post['end'] = (id, why) => {
    const reader = open.get(id);
    if (why === 'answered') reader?.endSoon();
    else reader?.giveUp();
  };
  return { send, end };
}
