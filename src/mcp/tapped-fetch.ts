import { Agent, type Dispatcher, fetch as undiciFetch, type Response as UndiciResponse } from 'undici';

import { SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import type { JsonValue } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import type { TlsRules } from '../model/tls.js';
import { isRefusal } from '../policy/refusal.js';
import { fetchWithinOrigin } from './fetch-within-origin.js';
import type { Reach } from './check-address.js';
import { guardedConnector } from './guarded-connector.js';
import { MAX_ERROR_BODY_BYTES, mediaTypeOf, receiveError, requireAnswer, typeError } from './http-answer.js';
import { connectError, statusError } from './http-error.js';
import type { Lifeline } from './lifeline.js';
import type { Receiver } from './link.js';
import { readBody } from './read-body.js';
import { tapEvents } from './tap-events.js';

export interface TapOptions {
  readonly url: URL;
  readonly tls: TlsRules;
  readonly reach: Reach;
  /** @throws {SealwatchError} where an address may not be asked. */
  readonly checkUrl: (url: URL) => void;
  readonly limits: Limits;
  readonly lifeline: Lifeline;
  readonly receiver: Receiver;
  readonly mode: 'streamable-http' | 'sse';
}

export interface TappedFetch {
  readonly fetch: typeof fetch;
  /** Sends what needs no `fetch`, over the same connections. */
  readonly dispatcher: Dispatcher;
  /** Breaks off everything that is under way. */
  abort(): void;
  /** Ends every request and socket. */
  close(): Promise<void>;
}

/**
 * Returns a `fetch` for the SDK's transports that takes every message out of the responses itself, from the bytes, and
 * gives the SDK only what it needs for its own state: status, headers, event ids, and that a request was answered. So no
 * byte of a hostile server is parsed, kept or dropped by code that we do not control; limits count decompressed bytes.
 */
export function createTappedFetch(options: TapOptions): TappedFetch {
  const agent = new Agent({
    connect: guardedConnector({
      ...options,
      onCertificate: (shown) => {
        options.receiver.receiveCertificate(shown);
      },
    }),
    // Our own timers bound every request; an event stream may be silent for hours.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const running = new Set<AbortController>();
  const tap = new Tap(options, agent, running);
  const abort = (): void => {
    for (const controller of running) controller.abort();
  };
  const release = options.lifeline.onEnd(abort);
  return {
    fetch: async (url, init) => await tap.fetch(url, init),
    dispatcher: agent,
    abort,
    close: async () => {
      release();
      abort();
      await agent.destroy();
    },
  };
}

class Tap {
  readonly #options: TapOptions;
  readonly #agent: Agent;
  readonly #running: Set<AbortController>;

  constructor(options: TapOptions, agent: Agent, running: Set<AbortController>) {
    this.#options = options;
    this.#agent = agent;
    this.#running = running;
  }

  async fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    // The SDK's signal lives as long as the connection, and each fetch would leave a listener on it: ours lives once.
    const controller = new AbortController();
    this.#running.add(controller);
    const done = (): void => {
      this.#running.delete(controller);
    };
    try {
      const response = await this.#request(url, init, controller);
      return await this.#hand(response, init, controller, done);
    } catch (error) {
      done();
      controller.abort();
      throw this.#noticed(error, init);
    }
  }

  async #request(url: URL, init: RequestInit, controller: AbortController): Promise<UndiciResponse> {
    return await fetchWithinOrigin(url, async (target) => {
      this.#options.checkUrl(target);
      return await undiciFetch(target, {
        method: init.method ?? 'GET',
        headers: [...new Headers(init.headers)],
        body: typeof init.body === 'string' ? init.body : null,
        redirect: 'manual',
        signal: controller.signal,
        dispatcher: this.#agent,
      });
    });
  }

  /** Takes the messages out of a response and returns what is left of it for the SDK. */
  async #hand(
    response: UndiciResponse,
    init: RequestInit,
    controller: AbortController,
    done: () => void,
  ): Promise<Response> {
    const method = (init.method ?? 'GET').toUpperCase();
    const { mode } = this.#options;
    if (method === 'GET' && response.ok && isEventStream(response)) return this.#handStream(response, undefined, done);
    if (method === 'GET' && mode === 'sse') throw await this.#statusError(response, 'an event stream');
    const id = method === 'POST' ? requestId(init.body) : undefined;
    if (method === 'POST' && !response.ok) {
      await this.#handError(response, id);
      done();
      return accepted(response);
    }
    if (id !== undefined && mode === 'streamable-http' && response.status !== 202) {
      if (isEventStream(response)) return this.#handStream(response, id, done);
      await this.#handBody(response, id);
      done();
      return emptyJson(response);
    }
    controller.abort();
    done();
    if (id !== undefined && mode === 'streamable-http') requireAnswer(id, 'HTTP 202', this.#options.receiver);
    return new Response(null, { status: response.status, headers: sessionHeaders(response) });
  }

  #handStream(response: UndiciResponse, id: JsonValue | undefined, done: () => void): Response {
    const { limits, lifeline, receiver, url, mode } = this.#options;
    const stream = tapEvents(response.body ?? new ReadableStream(), {
      limits,
      receiver,
      url,
      onError: (error) => {
        lifeline.fail(error);
      },
      onEnd: (problem, isResumable) => {
        done();
        if (id !== undefined && !isResumable) {
          receiver.receiveNothing(
            id,
            problem ?? new SealwatchError('OBSERVE_CLOSED', 'the server ended the answer before it was complete'),
          );
        }
        if (mode === 'sse')
          lifeline.fail(problem ?? new SealwatchError('OBSERVE_CLOSED', 'the server ended the event stream'));
      },
    });
    return new Response(stream, {
      status: 200,
      headers: { ...sessionHeaders(response), 'content-type': 'text/event-stream' },
    });
  }

  async #handBody(response: UndiciResponse, id: JsonValue): Promise<void> {
    const { limits, receiver } = this.#options;
    const type = mediaType(response);
    if (type !== 'application/json') {
      throw typeError(type, 'JSON', await readBody(response, MAX_ERROR_BODY_BYTES, 'cut'));
    }
    const body = await readBody(response, limits.maxMessageBytes, 'refuse');
    receiver.receive(decodeUtf8(body), body.length);
    requireAnswer(id, 'something else', receiver);
  }

  async #handError(response: UndiciResponse, id: JsonValue | undefined): Promise<void> {
    const body = await readBody(response, MAX_ERROR_BODY_BYTES, 'cut');
    receiveError(response, body, id, this.#options.receiver);
  }

  async #statusError(response: UndiciResponse, wanted: string): Promise<SealwatchError> {
    const body = await readBody(response, MAX_ERROR_BODY_BYTES, 'cut');
    if (!response.ok) return statusError(response, body);
    return typeError(mediaType(response), wanted, Buffer.alloc(0));
  }

  #noticed(error: unknown, init: RequestInit): Error {
    const { lifeline, mode } = this.#options;
    if (lifeline.reason !== undefined) return lifeline.reason;
    const known = error instanceof SealwatchError ? error : connectError(error);
    // The SSE transport keeps only the text of an error, and tries again for ever; no transport tells a refusal from a broken stream.
    if ((mode === 'sse' && init.method !== 'POST') || isRefusal(known.code)) lifeline.fail(known);
    return known;
  }
}

/** The id of the request that a POST carries; notifications and our answers have none to wait for. */
function requestId(body: RequestInit['body']): JsonValue | undefined {
  if (typeof body !== 'string') return undefined;
  const message = JSON.parse(body) as { readonly id?: JsonValue; readonly method?: string };
  return message.method === undefined ? undefined : message.id;
}

function mediaType(response: UndiciResponse): string {
  return mediaTypeOf(response.headers.get('content-type') ?? '');
}

function isEventStream(response: UndiciResponse): boolean {
  return mediaType(response) === 'text/event-stream';
}

function sessionHeaders(response: UndiciResponse): Record<string, string> {
  const session = response.headers.get('mcp-session-id');
  return session === null ? {} : { 'mcp-session-id': session };
}

function accepted(response: UndiciResponse): Response {
  return new Response(null, { status: 202, headers: sessionHeaders(response) });
}

/** An empty batch: the SDK has nothing to route. */
function emptyJson(response: UndiciResponse): Response {
  return new Response('[]', {
    status: 200,
    headers: { ...sessionHeaders(response), 'content-type': 'application/json' },
  });
}
