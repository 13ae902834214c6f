import { codeOf } from '../errors.js';
import type { JsonObject } from '../model/json.js';
import type { Satisfaction } from '../integrity/json-schema/satisfies.js';
import { INVALID_PARAMS } from '../mcp/protocol.js';
import type { Entry } from './call-counter.js';
import type { Permission } from './guard.js';

/** What a client is told instead of a result. It never repeats what a server wrote: the model reads it. */
export interface GatewayError {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonObject;
}

/** Of the range that JSON-RPC leaves to servers, outside of what MCP has taken. */
const NOT_ALLOWED = -32061;
const UNAVAILABLE = -32062;

/** JSON-RPC 2.0, section 5.1. */
export const INTERNAL_ERROR = -32603;

/** Returns our own code of an error; `undefined` where it has none. */
export function codeIn({ data }: GatewayError): string | undefined {
  const code = data?.['code'];
  return typeof code === 'string' ? code : undefined;
}

/** Returns whether a code says that it was us who refused. */
export function isOurs(code: number): boolean {
  return code === NOT_ALLOWED || code === UNAVAILABLE;
}

/** Returns the error for something that nobody has approved, with the page on which a person decides. */
export function notApproved(
  refused: Extract<Permission, { kind: 'refused' }>,
  requestUrl: (request: number) => string | undefined,
): GatewayError {
  const { request } = refused;
  const url = request === undefined ? undefined : requestUrl(request);
  const where = url ?? (request === undefined ? undefined : `sealwatch diff ${request}`);
  const then = where === undefined ? 'it is not among what this server lists' : `a person can look at it: ${where}`;
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch did not let this through: nobody has approved it as it is now; ${then}`,
    data: {
      code: 'NOT_APPROVED',
      ...(request === undefined ? {} : { request }),
      ...(url === undefined ? {} : { url }),
    },
  };
}

/** Returns the error for arguments that are not what the approved schema asks for, or of which nobody can tell. */
export function invalidArguments(answer: Exclude<Satisfaction, { kind: 'valid' }>): GatewayError {
  const what =
    answer.kind === 'unknown'
      ? `it cannot be told whether the arguments satisfy the approved schema: ${answer.why}`
      : `the arguments do not satisfy the approved schema (${answer.keyword}, at ${JSON.stringify(answer.at)})`;
  return {
    code: INVALID_PARAMS,
    message: `Sealwatch did not let this through: ${what}`,
    data: { code: answer.kind === 'unknown' ? 'SCHEMA_UNKNOWN' : 'ARGUMENTS_INVALID' },
  };
}

/** Returns the error for a result that is not what the approved definition says, or that cannot be told. */
export function invalidOutput(why: string): GatewayError {
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch kept the result back: it is not what the approved definition says (${why})`,
    data: { code: 'OUTPUT_INVALID' },
  };
}

/** Returns the error for a result in which something was found; the rules are ours, what they found is not repeated. */
export function blockedOutput(rules: readonly string[]): GatewayError {
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch kept the result back: it holds what a tool must not return (rules: ${rules.join(', ')})`,
    data: { code: 'OUTPUT_BLOCKED', rules: [...rules] },
  };
}

/** Returns the error for a call beyond what is let through to the server. */
export function tooManyCalls({ limit, retryAfterMs }: Extract<Entry, { kind: 'full' }>): GatewayError {
  const seconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1_000);
  const when = seconds === undefined ? 'when others are answered' : `in ${seconds} s`;
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch did not let this through: the limit of the ${limit} is reached; try again ${when}`,
    data: { code: 'TOO_MANY_CALLS', limit, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) },
  };
}

/** Returns the error for a call that is larger than what is let through to the server. */
export function requestTooLarge(maxBytes: number): GatewayError {
  return refusedWith(`the request has more than ${maxBytes} bytes`, { code: 'REQUEST_TOO_LARGE' });
}

/** Returns the error for a result that is larger than what is let through to clients. */
export function resultTooLarge(maxBytes: number): GatewayError {
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch kept the result back: it has more than ${maxBytes} bytes`,
    data: { code: 'RESULT_TOO_LARGE' },
  };
}

/** Returns the error for a call that was called off because what it calls is not approved any more. */
export function heldMeanwhile(): GatewayError {
  return {
    code: NOT_ALLOWED,
    message: 'Sealwatch called this off: what it calls is not approved any more',
    data: { code: 'HELD_MEANWHILE' },
  };
}

/** Returns the error for a call that took too long and was called off. */
export function tookTooLong(timeoutMs: number): GatewayError {
  return {
    code: NOT_ALLOWED,
    message: `Sealwatch called this off: there was no answer in ${timeoutMs / 1_000} s`,
    data: { code: 'CALL_TIMEOUT' },
  };
}

/** Returns the error for what could not be found out: then nothing passes. The reason may hold the server's words, its code does not. */
export function unavailable(error: unknown): GatewayError {
  const code = codeOf(error);
  return {
    code: UNAVAILABLE,
    message: `Sealwatch let nothing through: the server could not be checked (${code})`,
    data: { code },
  };
}

/** Returns the error for a call of which nothing could be written down; `what` became of it then. */
export function notLogged(error: unknown, what: string): GatewayError {
  const code = codeOf(error);
  return {
    code: UNAVAILABLE,
    message: `Sealwatch could not log this call, so it ${what} (${code})`,
    data: { code: 'CALL_NOT_LOGGED', reason: code },
  };
}

/** Returns the error for what was not let through; the message goes on from there. */
export function refusedWith(message: string, data: JsonObject & { readonly code: string }): GatewayError {
  return { code: NOT_ALLOWED, message: `Sealwatch did not let this through: ${message}`, data };
}

/** Returns the error for a message that is no request that can be handed on. */
export function invalidRequest(message: string): GatewayError {
  return { code: -32600, message: `Sealwatch: ${message}` };
}

/** What the rules for who asks do not allow; the same whether it exists or not. */
export const NOT_PERMITTED: GatewayError = {
  code: NOT_ALLOWED,
  message: 'Sealwatch did not let this through: who asks may not use it',
  data: { code: 'NOT_PERMITTED' },
};

/** What the server refused, in words that are not repeated. */
export const REFUSED_BY_SERVER: GatewayError = {
  code: INTERNAL_ERROR,
  message: 'the server refused this',
  data: { code: 'OBSERVE_SERVER_ERROR' },
};

export const UNKNOWN_METHOD: GatewayError = { code: -32601, message: 'Method not found' };
