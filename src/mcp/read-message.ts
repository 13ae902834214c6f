import { isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { parseJson } from '../integrity/parse-json.js';
import { readElements, readMembers, type SourceRange } from './read-members.js';

/** A JSON-RPC 2.0 message as it was received; texts are slices of what the server sent. */
export type Message =
  | { readonly kind: 'result'; readonly id: JsonValue; readonly text: string }
  | { readonly kind: 'error'; readonly id: JsonValue; readonly error: RpcError }
  | { readonly kind: 'request'; readonly id: JsonValue; readonly method: string }
  | { readonly kind: 'notification'; readonly method: string }
  /** Something else that is JSON: what is wrong with it, and the id where it has one. */
  | { readonly kind: 'other'; readonly id: JsonValue | undefined; readonly problem: string };

export interface RpcError {
  readonly code: number;
  /** As the server wrote it: hostile. */
  readonly message: string;
  readonly data: JsonValue | undefined;
}

/**
 * Calls back with the message that the text holds, or with each of a batch (JSON-RPC 2.0 section 6; MCP 2025-03-26 had
 * them), and with the part of the text that is this message. Only the envelope is read; `result` is located, not parsed.
 *
 * @throws {SealwatchError} `JSON_SYNTAX`; `JSON_REPEATED_MEMBER` where a member of the envelope is there twice: two readers
 * would route it differently, or show two different results.
 */
export function readMessages(text: string, onMessage: (message: Message, text: string) => void): void {
  const isBatch = /^[\t\n\r ]*\[/.test(text);
  if (!isBatch) {
    onMessage(readMessage(text), text);
    return;
  }
  const elements: string[] = [];
  readElements(text, (element) => {
    if (elements.length < MAX_BATCH) elements.push(element);
  });
  for (const element of elements) onMessage(readMessage(element), element);
}

/** We never send two requests at once, so more than a few messages in one batch answer nothing of ours. */
const MAX_BATCH = 1_000;

/** Errors and ids are small in every honest message; this keeps a hostile one from being parsed whole. */
const MAX_SMALL_TEXT = 64 * 1024;
const MAX_SMALL_DEPTH = 32;

const ENVELOPE = ['jsonrpc', 'id', 'method', 'result', 'error'];

function readMessage(text: string): Message {
  const members = readMembers(text, ENVELOPE);
  if (members === undefined) return { kind: 'other', id: undefined, problem: 'not an object' };
  const small = (name: string): JsonValue | undefined => smallValue(text, members.get(name));
  const id = small('id');
  if (small('jsonrpc') !== '2.0') return { kind: 'other', id, problem: 'no member "jsonrpc" of value "2.0"' };
  const result = members.get('result');
  const method = small('method');
  if (typeof method === 'string') {
    return id === undefined ? { kind: 'notification', method } : { kind: 'request', id, method };
  }
  if (result !== undefined && members.has('error')) return { kind: 'other', id, problem: 'both a result and an error' };
  if (id === undefined) return { kind: 'other', id, problem: 'neither a method nor an id' };
  if (result !== undefined) return { kind: 'result', id, text: text.slice(result.start, result.end) };
  const error = readError(small('error'));
  return error === undefined
    ? { kind: 'other', id, problem: 'neither a result nor an error' }
    : { kind: 'error', id, error };
}

function smallValue(text: string, range: SourceRange | undefined): JsonValue | undefined {
  if (range === undefined || range.end - range.start > MAX_SMALL_TEXT) return undefined;
  return parseJson(text.slice(range.start, range.end), { maxDepth: MAX_SMALL_DEPTH }).value;
}

function readError(value: JsonValue | undefined): RpcError | undefined {
  if (!isJsonObject(value)) return undefined;
  const code = memberOf(value, 'code');
  return {
    code: typeof code === 'number' ? code : 0,
    message: stringMember(value, 'message') ?? '',
    data: memberOf(value, 'data'),
  };
}
