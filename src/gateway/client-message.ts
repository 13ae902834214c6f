import { parseJson } from '../integrity/parse-json.js';
import { CLIENT_CAPABILITIES_META, CLIENT_INFO_META, MODERN_REVISION, PROTOCOL_VERSION_META } from '../mcp/protocol.js';
import { isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';

/** Deeper arguments are refused. */
const MAX_MESSAGE_DEPTH = 128;

/** A message of a client, as every reader reads it. */
export type ClientMessage =
  | {
      readonly kind: 'request';
      readonly id: JsonValue;
      readonly method: string;
      readonly params: JsonObject;
      /** Of the whole message, in UTF-8. */
      readonly bytes: number;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  /** To a request of the server. */
  | { readonly kind: 'answer'; readonly value: JsonObject }
  | { readonly kind: 'problem'; readonly id: JsonValue; readonly problem: string };

/** Who asks, and what it can do. */
export interface Introduction {
  readonly info: JsonValue | undefined;
  readonly capabilities: JsonObject;
}

/** Returns what a text says. What two readers could read in two ways is a problem: what we check has to be what the server gets. */
export function readClientMessage(text: string): ClientMessage {
  try {
    const { value, flaws, inexact } = parseJson(text, { maxDepth: MAX_MESSAGE_DEPTH });
    const id = memberOf(value, 'id') ?? null;
    const problem = problemOf(value, flaws.length, inexact.length);
    return problem === undefined && isJsonObject(value)
      ? sorted(value, Buffer.byteLength(text))
      : { kind: 'problem', id, problem: problem ?? '' };
  } catch {
    return { kind: 'problem', id: null, problem: 'this is not JSON' };
  }
}

function problemOf(value: JsonValue, flaws: number, inexact: number): string | undefined {
  if (!isJsonObject(value)) return 'a message has to be an object; there are no batches';
  if (flaws > 0) return 'a member is repeated, or it is nested too deep';
  if (inexact > 0) return 'a number cannot be carried exactly; send it as a string';
  const isJsonRpc = memberOf(value, 'jsonrpc') === '2.0' && isJsonObject(memberOf(value, 'params') ?? {});
  return isJsonRpc ? undefined : 'this is no JSON-RPC 2.0';
}

function sorted(value: JsonObject, bytes: number): ClientMessage {
  const [id, method] = [memberOf(value, 'id'), stringMember(value, 'method')];
  const given = memberOf(value, 'params');
  const params = isJsonObject(given) ? given : {};
  if (method === undefined) return { kind: 'answer', value };
  if (id === undefined) return { kind: 'notification', method, params };
  const isId = typeof id === 'string' || typeof id === 'number';
  return isId
    ? { kind: 'request', id, method, params, bytes }
    : { kind: 'problem', id: null, problem: 'an id is a string or a number' };
}

/** Returns who asks, where a request says so itself: MCP 2026-07-28 has no handshake. */
export function introductionIn(params: JsonObject): Introduction | undefined {
  const meta = memberOf(params, '_meta');
  if (memberOf(meta, PROTOCOL_VERSION_META) !== MODERN_REVISION) return undefined;
  const capabilities = memberOf(meta, CLIENT_CAPABILITIES_META);
  return { info: memberOf(meta, CLIENT_INFO_META), capabilities: isJsonObject(capabilities) ? capabilities : {} };
}

/** Returns who asks, from the parameters of `initialize`. */
export function introductionOf(params: JsonObject): Introduction {
  const capabilities = memberOf(params, 'capabilities');
  return { info: memberOf(params, 'clientInfo'), capabilities: isJsonObject(capabilities) ? capabilities : {} };
}
