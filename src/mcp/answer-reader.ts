import type { Dispatcher } from 'undici';

import { SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import type { JsonValue } from '../model/json.js';
import type { Limits } from '../model/limits.js';
import { isRefusal } from '../policy/refusal.js';
import { type BodyDecoder, createBodyDecoder } from './body-decoder.js';
import { MAX_ERROR_BODY_BYTES, mediaTypeOf, receiveError, requireAnswer, typeError } from './http-answer.js';
import { connectError } from './http-error.js';
import type { Lifeline } from './lifeline.js';
import type { Receiver } from './link.js';
import { asStreamProblem, EventReader } from './read-events.js';

/** Where an answer goes, and what helps where it does not come in one piece. */
export interface AnswerContext {
  readonly url: URL;
  readonly limits: Limits;
  readonly lifeline: Lifeline;
  readonly receiver: Receiver;
}

/** The request that an answer is for. */
interface Asked {
  readonly id: JsonValue;
  /** Opens the event stream again that broke behind an event. */
  readonly resume: (lastEventId: string, retryMs: number | undefined) => void;
  /** Asks again, since the server would be asked elsewhere. */
  readonly follow: () => void;
  /** Nothing more comes on the connection on which it was sent. */
  readonly over: () => void;
}

/** What is made of the bytes of a response. */
interface Sink {
  /** Returns whether it wants more. */
  readonly take: (bytes: Buffer) => boolean;
  readonly end: () => void;
  readonly broke: (error: unknown) => void;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a stream may stay open for behind the answer. */
const LINGER_MS = 1_000;

const REDIRECTS = [301, 302, 303, 307, 308];

/** Takes the message, or the messages, out of the HTTP response to one request. The receiver hears also that there is none. */
export class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #asked: Asked;
  readonly #context: AnswerContext;
  #sink: Sink;
  #decoder: BodyDecoder | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(asked: Asked, context: AnswerContext) {
    this.#asked = asked;
    this.#context = context;
    this.#sink = {
      take: () => false,
      end: () => undefined,
      broke: (error) => {
        this.#fail(connectError(error));
      },
    };
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for a connection for longer than anybody waits for it.
    if (this.#isOver) this.#stop();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // What comes before an answer (103) is none.
    if (status < 200) return;
    this.#attempt(() => {
      this.#sink = this.#sinkFor(status, headers);
      this.#decoder = createBodyDecoder(headerOf(headers, 'content-encoding'), {
        take: (bytes) => {
          this.#take(bytes);
        },
        end: () => {
          this.#end();
        },
        broke: (error) => {
          this.#broke(error);
        },
      });
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#decoder === undefined) this.#take(bytes);
    else if (
      !this.#decoder.write(bytes, () => {
        controller.resume();
      })
    )
      controller.pause();
  }

  onResponseEnd(): void {
    if (this.#decoder === undefined) this.#end();
    else this.#decoder.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#broke(error);
  }

  /** Nobody waits for it any more: the rest is not read, and the connection that a server would keep open for it is closed. */
  giveUp(): void {
    this.#close();
    this.#stop();
  }

  /** It is answered. A server ends the stream then; one that does not is not waited for. */
  endSoon(): void {
    this.#linger ??= setTimeout(() => {
      this.giveUp();
    }, LINGER_MS).unref();
  }

  #close(): void {
    clearTimeout(this.#linger);
    this.#isOver = true;
    this.#asked.over();
  }

  #take(bytes: Buffer): void {
    this.#attempt(() => {
      if (this.#isOver || this.#sink.take(bytes)) return;
      this.#end();
      this.#stop();
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.#close();
    this.#attempt(this.#sink.end);
  }

  #broke(error: unknown): void {
    if (this.#isOver) return;
    this.#close();
    this.#sink.broke(error);
    this.#stop();
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#close();
      this.#fail(error instanceof SealwatchError ? error : connectError(error));
      this.#stop();
    }
  }

  /** The rest of it is not read. */
  #stop(): void {
    this.#decoder?.stop();
    this.#controller?.abort(new Error('enough was read'));
  }

  #fail(error: SealwatchError): void {
    const { lifeline, receiver } = this.#context;
    // Attack: somebody else takes the server's place while a session is open. Nothing of it goes on.
    if (isRefusal(error.code)) lifeline.fail(error);
    receiver.receiveNothing(this.#asked.id, lifeline.reason ?? error);
  }

  #sinkFor(status: number, headers: Headers): Sink {
    const isOk = status >= 200 && status < 300;
    if (REDIRECTS.includes(status) && headerOf(headers, 'location') !== '')
      return { ...this.#sink, end: this.#asked.follow };
    if (!isOk) return this.#errorSink(status, headers);
    if (status === 202) return { ...this.#sink, end: this.#withoutAnswer('HTTP 202') };
    const type = mediaTypeOf(headerOf(headers, 'content-type'));
    if (type === 'text/event-stream') return this.#eventSink();
    return type === 'application/json' ? this.#jsonSink() : this.#strangeSink(type);
  }

  #jsonSink(): Sink {
    const { receiver, limits } = this.#context;
    const { maxMessageBytes: most } = limits;
    const parts: Buffer[] = [];
    let length = 0;
    return {
      ...this.#sink,
      take: (bytes) => {
        length += bytes.length;
        if (length > most)
          throw new SealwatchError('OBSERVE_MESSAGE_TOO_LARGE', `an answer is larger than ${most} bytes`);
        parts.push(bytes);
        return true;
      },
      end: () => {
        receiver.receive(decodeUtf8(joined(parts)), length);
        this.#withoutAnswer('something else')();
      },
    };
  }

  #withoutAnswer(said: string): () => void {
    return () => {
      requireAnswer(this.#asked.id, said, this.#context.receiver);
    };
  }

  #errorSink(status: number, headers: Headers): Sink {
    const get = (name: string): string | null => (headers[name] === undefined ? null : headerOf(headers, name));
    return this.#beginningSink((body) => {
      receiveError({ status, headers: { get } }, body, this.#asked.id, this.#context.receiver);
    });
  }

  #strangeSink(type: string): Sink {
    return this.#beginningSink((body) => {
      throw typeError(type, 'JSON', body);
    });
  }

  /** Of what is no message the beginning is enough. */
  #beginningSink(onRead: (body: Buffer) => void): Sink {
    const parts: Buffer[] = [];
    let length = 0;
    return {
      ...this.#sink,
      take: (bytes) => {
        parts.push(bytes);
        length += bytes.length;
        return length < MAX_ERROR_BODY_BYTES;
      },
      end: () => {
        onRead(joined(parts).subarray(0, MAX_ERROR_BODY_BYTES));
      },
    };
  }

  #eventSink(): Sink {
    const reader = new EventReader(this.#context);
    const { lifeline } = this.#context;
    const finish = (problem: SealwatchError | undefined): void => {
      const { lastEventId, retryMs, isAnswered } = reader;
      if (lastEventId !== undefined && !isAnswered) this.#asked.resume(lastEventId, retryMs);
      // Where it was answered nobody hears of it; what only looked like the answer must not keep anybody waiting.
      else
        this.#fail(
          problem ?? new SealwatchError('OBSERVE_CLOSED', 'the server ended the answer before it was complete'),
        );
    };
    return {
      take: (bytes) => {
        try {
          reader.feed(bytes);
        } catch (error) {
          const problem = asStreamProblem(error);
          lifeline.fail(problem);
          throw problem;
        }
        return true;
      },
      end: () => {
        finish(undefined);
      },
      broke: (error) => {
        finish(asStreamProblem(error));
      },
    };
  }
}

/** Of a header that came twice the first counts. */
function headerOf(headers: Headers, name: string): string {
  const value = headers[name];
  return (typeof value === 'string' ? value : value?.[0]) ?? '';
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
