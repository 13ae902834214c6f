import { SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import type { JsonValue } from '../model/json.js';
import { quote } from '../quote.js';
import { type Answered, statusError } from './http-error.js';
import type { Receiver } from './link.js';
import { UNSUPPORTED_PROTOCOL_VERSION } from './protocol.js';
import { readMessages } from './read-message.js';

/** Error bodies are shown, not parsed: more than this is not worth reading. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What the header of these says is how to sign in, whatever the body is. */
const REFUSALS = [401, 403];

/** Returns the type that a response declares, without its parameters. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * Takes an answer with an error status, which may carry a JSON-RPC answer to our request.
 *
 * @throws {SealwatchError} `OBSERVE_HTTP_STATUS` where it does not: anything else is an error of the connection
 */
export function receiveError(
  response: Answered,
  body: Buffer,
  id: JsonValue | undefined,
  receiver: Pick<Receiver, 'receive'>,
): void {
  const mayAnswer = id !== undefined && !REFUSALS.includes(response.status);
  const isJson = mediaTypeOf(response.headers.get('content-type') ?? '') === 'application/json';
  if (!mayAnswer || !isJson || !isErrorAnswer(body, id)) throw statusError(response, body);
  receiver.receive(withId(body, id), body.length);
}

/** Returns the error for an answer of another type than what was asked for. */
export function typeError(type: string, wanted: string, body: Buffer): SealwatchError {
  const said = body.length === 0 ? '' : `: ${quote(body.toString('utf8'), 80)}`;
  return new SealwatchError(
    'OBSERVE_NOT_JSON_RPC',
    `the server answered ${quote(type, 60)} where ${wanted} was asked for${said}`,
  );
}

/**
 * Says that the response to a request is over, where the answer was not in it. It may not come another way (MCP 2025-11-25, Transports,
 * Sending Messages to the Server).
 */
export function requireAnswer(id: JsonValue, said: string, receiver: Pick<Receiver, 'receiveNothing'>): void {
  // Where it was answered nobody hears of it.
  receiver.receiveNothing(
    id,
    new SealwatchError('OBSERVE_NOT_JSON_RPC', `the server answered ${said}, and not the request`),
  );
}

/** Whether the body is a JSON-RPC error for this request; for an unknown revision some servers leave the id out. */
function isErrorAnswer(body: Buffer, id: JsonValue): boolean {
  let isAnswer = false;
  try {
    readMessages(decodeUtf8(body), (message) => {
      if (message.kind !== 'error') return;
      isAnswer = message.id === id || (message.id === null && message.error.code === UNSUPPORTED_PROTOCOL_VERSION);
    });
  } catch {
    // Not a JSON-RPC message: the status says enough.
    return false;
  }
  return isAnswer;
}

function withId(body: Buffer, id: JsonValue): string {
  return body.toString('utf8').replace(/"id"\s*:\s*null/, `"id":${JSON.stringify(id)}`);
}
