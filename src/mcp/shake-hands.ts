import { SealwatchError } from '../errors.js';
import { parseJson } from '../integrity/parse-json.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import type { Client } from '../model/vantage.js';
import { quote } from '../quote.js';
import type { Link } from './link.js';
import {
  CLIENT_CAPABILITIES_META,
  CLIENT_INFO_META,
  INITIALIZE_REVISIONS,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  MODERN_REVISION,
  PROTOCOL_VERSION_META,
  UNSUPPORTED_PROTOCOL_VERSION,
} from './protocol.js';
import type { RpcError } from './read-message.js';
import type { Answer, Session } from './session.js';

/** What was agreed before anything is listed. */
export interface Handshake {
  readonly protocolVersion: string;
  /** `result` of `initialize` or `server/discover`, as received. */
  readonly text: string;
  readonly capabilities: JsonValue | undefined;
  readonly isModern: boolean;
}

/** Who says hello, and what it can do. */
export interface Introduction {
  readonly client: Client;
  readonly capabilities?: JsonObject;
}

/**
 * Agrees on a revision: `initialize` first, and `server/discover` (2026-07-28) where the server refuses that.
 *
 * The order is fixed, so that one server is always observed in the same way. A server that speaks both generations is
 * observed as nearly every client sees it: both SDKs begin with `initialize` unless they are told otherwise. Asking
 * `server/discover` first would also end older servers, which exit on a request before `initialize`.
 *
 * @throws {SealwatchError} `OBSERVE_PROTOCOL` for a revision that we do not know; `OBSERVE_SERVER_ERROR`; `OBSERVE_SHAPE`.
 */
export async function shakeHands(
  session: Session,
  link: Link,
  { client, capabilities = {} }: Introduction,
): Promise<Handshake> {
  const clientInfo = { name: client.name, version: client.version };
  const params = { protocolVersion: INITIALIZE_REVISIONS[0], capabilities, clientInfo };
  const answer = await session.request('initialize', params);
  if (answer.kind === 'result') return await acceptInitialize(session, link, answer.text);
  if (!mayBeModern(answer.error)) throw serverError('initialize', answer.error);
  return await discover(session, link, { clientInfo, capabilities }, answer.error);
}

/** Returns the error for a server that answered with one. */
export function serverError(method: string, { code, message }: RpcError): SealwatchError {
  return new SealwatchError('OBSERVE_SERVER_ERROR', `${method}: the server answered error ${code}: ${quote(message)}`);
}

async function acceptInitialize(session: Session, link: Link, text: string): Promise<Handshake> {
  const result = readResult('initialize', text);
  const protocolVersion = stringMember(result, 'protocolVersion') ?? '';
  if (!INITIALIZE_REVISIONS.some((known) => known === protocolVersion)) {
    throw new SealwatchError(
      'OBSERVE_PROTOCOL',
      `the server wants to speak revision ${quote(protocolVersion, 40)}; known are ${INITIALIZE_REVISIONS.join(', ')}`,
    );
  }
  await link.useRevision(protocolVersion);
  await session.notify('notifications/initialized');
  return { protocolVersion, text, capabilities: memberOf(result, 'capabilities'), isModern: false };
}

/** A server of the newer generation has no method `initialize`, or says which revisions it speaks instead. */
function mayBeModern({ code }: RpcError): boolean {
  return [UNSUPPORTED_PROTOCOL_VERSION, METHOD_NOT_FOUND, INVALID_REQUEST, INVALID_PARAMS].includes(code);
}

async function discover(
  session: Session,
  link: Link,
  { clientInfo, capabilities: ours }: { readonly clientInfo: JsonObject; readonly capabilities: JsonObject },
  refusal: RpcError,
): Promise<Handshake> {
  if (refusal.code === UNSUPPORTED_PROTOCOL_VERSION) requireModern(memberOf(refusal.data, 'supported'));
  session.useMeta({
    [PROTOCOL_VERSION_META]: MODERN_REVISION,
    [CLIENT_INFO_META]: clientInfo,
    [CLIENT_CAPABILITIES_META]: ours,
  });
  await link.useRevision(MODERN_REVISION);
  const answer = await session.request('server/discover', {});
  if (answer.kind === 'error') throw discoverError(answer, refusal);
  const result = readResult('server/discover', answer.text);
  requireModern(memberOf(result, 'supportedVersions'));
  const capabilities = memberOf(result, 'capabilities');
  return { protocolVersion: MODERN_REVISION, text: answer.text, capabilities, isModern: true };
}

/** The server's reason for refusing `initialize` says more than that it does not know the newer method either. */
function discoverError({ error }: Extract<Answer, { kind: 'error' }>, refusal: RpcError): SealwatchError {
  return error.code === METHOD_NOT_FOUND ? serverError('initialize', refusal) : serverError('server/discover', error);
}

function requireModern(supported: JsonValue | undefined): void {
  if (isJsonArray(supported) && supported.includes(MODERN_REVISION)) return;
  throw new SealwatchError(
    'OBSERVE_PROTOCOL',
    `the server speaks revisions ${supported === undefined ? 'that it does not name' : quote(JSON.stringify(supported))}; known are ${MODERN_REVISION}, ${INITIALIZE_REVISIONS.join(', ')}`,
  );
}

/** Flaws in the handshake are the snapshot's business; here only what is needed to go on is read. */
function readResult(method: string, text: string): JsonObject {
  const { value } = parseJson(text, { maxDepth: 64 });
  if (isJsonObject(value)) return value;
  throw new SealwatchError('OBSERVE_SHAPE', `${method}: the result is not an object`);
}
