import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser';

import { messageOf, SealwatchError } from '../errors.js';
import type { Limits } from '../model/limits.js';
import { quote } from '../quote.js';
import type { Receiver } from './link.js';

/** Where the messages of an event stream go. */
export interface EventSink {
  readonly limits: Limits;
  readonly receiver: Receiver;
  readonly url: URL;
}

/** The parser looks for two kinds of line end at once; small portions keep its cost linear for every input. */
const PORTION = 4_096;

/** Ids are opaque and short; a longer one is not worth resuming from. */
export const MAX_EVENT_ID = 1_024;

/** Reads an event stream as its bytes come, and hands each message to the receiver. */
export class EventReader {
  readonly #sink: EventSink;
  readonly #parser: EventSourceParser;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  // Comments keep a connection alive for weeks, so what counts is the size since the last thing that was complete.
  #pendingBytes = 0;
  #lastEventId: string | undefined;
  #retryMs: number | undefined;

  /** `onRead` gets each event when its message was handed on. */
  constructor(sink: EventSink, onRead: (event: EventSourceMessage) => void = () => undefined) {
    this.#sink = sink;
    this.#parser = createParser({
      onEvent: (event) => {
        const size = this.#pendingBytes;
        this.#pendingBytes = 0;
        this.#handle(event, size);
        onRead(event);
      },
      onComment: () => {
        this.#pendingBytes = 0;
      },
      onRetry: (retryMs) => {
        this.#retryMs = retryMs;
      },
    });
  }

  /** The event to go on from where the stream breaks; `undefined` where the server gave none. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** How long the server wants us to wait before that. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** @throws {SealwatchError} `JSON_…`, `OBSERVE_MESSAGE_TOO_LARGE`, `OBSERVE_REDIRECT`; and a `TypeError` where it is not UTF-8 */
  feed(bytes: Uint8Array): void {
    const { maxMessageBytes } = this.#sink.limits;
    const text = this.#decoder.decode(bytes, { stream: true });
    for (let start = 0; start < text.length; start += PORTION) {
      const portion = text.slice(start, start + PORTION);
      this.#pendingBytes += portion.length;
      this.#parser.feed(portion);
      if (this.#pendingBytes > maxMessageBytes) {
        throw new SealwatchError('OBSERVE_MESSAGE_TOO_LARGE', `an event is larger than ${maxMessageBytes} bytes`);
      }
    }
  }

  #handle({ event, data, id }: EventSourceMessage, size: number): void {
    if (event === 'endpoint') requireOrigin(data, this.#sink.url);
    else if ((event === undefined || event === 'message') && data !== '')
      this.#sink.receiver.receive(data, Math.max(size, data.length));
    if (id !== undefined && id !== '' && id.length <= MAX_EVENT_ID) this.#lastEventId = id;
  }
}

/** Whether a message looks like the answer to some request. */
export function holdsAnswer(data: string): boolean {
  return /"(?:result|error)"/.test(data);
}

/** Whoever names the endpoint gets our credentials: only the server itself may be it. */
function requireOrigin(endpoint: string, url: URL): void {
  const target = URL.canParse(endpoint, url.href) ? new URL(endpoint, url) : undefined;
  if (target?.origin === url.origin) return;
  throw new SealwatchError(
    'OBSERVE_REDIRECT',
    `the server names an endpoint of another origin: ${quote(endpoint, 120)}`,
  );
}

/** Returns why an event stream broke, as one of our errors. */
export function asStreamProblem(error: unknown): SealwatchError {
  if (error instanceof SealwatchError) return error;
  const isEncoding =
    error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
  if (isEncoding) return new SealwatchError('JSON_ENCODING', 'the event stream is not UTF-8', { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new SealwatchError('OBSERVE_CLOSED', `the connection broke off: ${quote(messageOf(cause))}`, { cause: error });
}
