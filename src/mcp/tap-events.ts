import { createParser, type EventSourceMessage } from 'eventsource-parser';

import { messageOf, SealwatchError } from '../errors.js';
import type { Limits } from '../model/limits.js';
import { quote } from '../quote.js';
import type { Receiver } from './link.js';

/** What happens on an event stream, besides messages. */
export interface EventTap {
  readonly limits: Limits;
  readonly receiver: Receiver;
  readonly url: URL;
  /** Something on the stream that ends the observation. */
  readonly onError: (error: SealwatchError) => void;
  /** The stream has ended, or broke off; `isResumable` where the server gave an id to go on from. */
  readonly onEnd: (problem: SealwatchError | undefined, isResumable: boolean) => void;
}

/** The parser looks for two kinds of line end at once; small portions keep its cost linear for every input. */
const PORTION = 4_096;

/** Ids are opaque and short; a longer one is not worth resuming from. */
const MAX_EVENT_ID = 1_024;

/**
 * Reads an event stream, hands each message to the receiver, and returns a stream for the SDK that carries nothing but
 * event ids, the endpoint of HTTP+SSE, and that some request was answered.
 */
export function tapEvents(body: AsyncIterable<Uint8Array>, tap: EventTap): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      const unlessCancelled = (act: () => void): void => {
        try {
          act();
        } catch {
          // The SDK has cancelled the stream and needs nothing more of it; messages do not go through it.
        }
      };
      const enqueue = (text: string): void => {
        unlessCancelled(() => {
          controller.enqueue(new TextEncoder().encode(text));
        });
      };
      const close = (): void => {
        unlessCancelled(() => {
          controller.close();
        });
      };
      void pump(body, tap, enqueue, close);
    },
  });
}

async function pump(
  body: AsyncIterable<Uint8Array>,
  tap: EventTap,
  enqueue: (text: string) => void,
  close: () => void,
): Promise<void> {
  let isResumable = false;
  // Comments keep a connection alive for weeks, so what counts is the size since the last thing that was complete.
  let pendingBytes = 0;
  const parser = createParser({
    onEvent: (event) => {
      const size = pendingBytes;
      pendingBytes = 0;
      handleEvent(event, size, tap);
      const rest = forSdk(event);
      isResumable ||= rest.startsWith('id:');
      if (rest !== '') enqueue(rest);
    },
    onComment: () => {
      pendingBytes = 0;
    },
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let problem: SealwatchError | undefined;
  try {
    for await (const bytes of body) {
      const text = decoder.decode(bytes, { stream: true });
      for (let start = 0; start < text.length; start += PORTION) {
        const portion = text.slice(start, start + PORTION);
        pendingBytes += portion.length;
        parser.feed(portion);
        if (pendingBytes > tap.limits.maxMessageBytes) {
          throw new SealwatchError(
            'OBSERVE_MESSAGE_TOO_LARGE',
            `an event is larger than ${tap.limits.maxMessageBytes} bytes`,
          );
        }
      }
    }
  } catch (error) {
    problem = asProblem(error);
    if (problem.code !== 'OBSERVE_CLOSED') tap.onError(problem);
  }
  tap.onEnd(problem, isResumable);
  close();
}

function handleEvent({ event, data }: EventSourceMessage, size: number, { receiver, url }: EventTap): void {
  if (event === 'endpoint') {
    requireOrigin(data, url);
    return;
  }
  if ((event === undefined || event === 'message') && data !== '') receiver.receive(data, Math.max(size, data.length));
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

function forSdk({ id, event, data }: EventSourceMessage): string {
  if (event === 'endpoint') return `event: endpoint\ndata: ${data.replaceAll('\n', '')}\n\n`;
  const idLine = id === undefined || id === '' || id.length > MAX_EVENT_ID ? '' : `id: ${id}\n`;
  // An answer to a number that we never use: the SDK learns that there was one, and need not resume the stream.
  const answered = /"(?:result|error)"/.test(data) ? 'data: {"jsonrpc":"2.0","id":0,"result":{}}\n' : '';
  if (idLine === '' && answered === '') return '';
  return `${idLine}${answered}\n`;
}

function asProblem(error: unknown): SealwatchError {
  if (error instanceof SealwatchError) return error;
  const isEncoding =
    error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
  if (isEncoding) return new SealwatchError('JSON_ENCODING', 'the event stream is not UTF-8', { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new SealwatchError('OBSERVE_CLOSED', `the connection broke off: ${quote(messageOf(cause))}`, { cause: error });
}
