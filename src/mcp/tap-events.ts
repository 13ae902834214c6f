import type { EventSourceMessage } from 'eventsource-parser';

import type { SealwatchError } from '../errors.js';
import { asStreamProblem, EventReader, type EventSink, holdsAnswer, MAX_EVENT_ID } from './read-events.js';

/** What happens on an event stream, besides messages. */
export interface EventTap extends EventSink {
  /** Nobody waits for the rest of it. */
  readonly signal: AbortSignal;
  /** Something on the stream that ends the observation. */
  readonly onError: (error: SealwatchError) => void;
  /** The stream has ended, or broke off; `isResumable` where the server gave an id to go on from. */
  readonly onEnd: (problem: SealwatchError | undefined, isResumable: boolean) => void;
}

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
  const reader = new EventReader(tap, (event) => {
    const rest = forSdk(event);
    if (rest !== '') enqueue(rest);
  });
  let problem: SealwatchError | undefined;
  try {
    for await (const bytes of body) reader.feed(bytes);
  } catch (error) {
    problem = asStreamProblem(error);
    if (problem.code !== 'OBSERVE_CLOSED') tap.onError(problem);
  }
  tap.onEnd(problem, reader.lastEventId !== undefined);
  // The SDK would open it again, for nobody.
  if (tap.signal.aborted) enqueue(ANSWERED);
  close();
}

function forSdk({ id, event, data }: EventSourceMessage): string {
  if (event === 'endpoint') return `event: endpoint\ndata: ${data.replaceAll('\n', '')}\n\n`;
  const idLine = id === undefined || id === '' || id.length > MAX_EVENT_ID ? '' : `id: ${id}\n`;
  const answered = holdsAnswer(data) ? ANSWERED : '';
  if (idLine === '') return answered;
  return `${idLine}${answered === '' ? '\n' : answered}`;
}

/** An answer to a number that we never use: the SDK learns that there was one, and need not resume the stream. */
const ANSWERED = 'data: {"jsonrpc":"2.0","id":0,"result":{}}\n\n';
