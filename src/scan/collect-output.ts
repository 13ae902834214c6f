import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, stringMember } from '../model/json.js';
import { type Pointer, pointerTo } from '../model/pointer.js';
import type { TextRole } from './rule.js';

/** One string of a result. */
export interface OutputText {
  readonly kind: 'text';
  readonly pointer: Pointer;
  readonly text: string;
  readonly role: TextRole;
  /** Whether it names something for programs, and is never changed: a member's name, a URI, a type. */
  readonly isFixed: boolean;
}

/** Bytes in base64, with the item that holds them. */
export interface OutputBlob {
  readonly kind: 'blob';
  readonly pointer: Pointer;
  readonly member: 'data' | 'blob';
  readonly data: string;
  readonly mimeType: string;
}

/**
 * Returns every string of a result of `tools/call`, `resources/read` or `prompts/get` with its place, in the order in which they stand
 * there: values at every depth, the names of members, and bytes apart.
 */
export function collectOutput(result: JsonValue): readonly (OutputText | OutputBlob)[] {
  const parts: (OutputText | OutputBlob)[] = [];
  const pending: (Pending | OutputText)[] = [{ value: result, pointer: '', isFixed: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ('kind' in next) parts.push(next);
    else if (typeof next.value === 'string') parts.push(textOf(next, next.value));
    else pending.push(...partsOf(next, parts).toReversed());
  }
  return parts;
}

interface Pending {
  readonly value: JsonValue;
  readonly pointer: Pointer;
  readonly isFixed: boolean;
}

function textOf({ pointer, isFixed }: Pending, text: string): OutputText {
  return { kind: 'text', pointer, text, role: 'text', isFixed };
}

function partsOf({ value, pointer }: Pending, parts: (OutputText | OutputBlob)[]): (Pending | OutputText)[] {
  if (isJsonArray(value)) {
    return value.map((item, index) => ({ value: item, pointer: pointerTo(pointer, index), isFixed: false }));
  }
  if (!isJsonObject(value)) return [];
  const isItem = ITEM.test(pointer);
  const blob = isItem ? blobOf(value, pointer) : undefined;
  if (blob !== undefined) parts.push(blob);
  return Object.keys(value).flatMap((name) => (name === blob?.member ? [] : membersOf(value, name, pointer, isItem)));
}

/**
 * Where the protocol has content: elsewhere `data` and `uri` are members like any other, and a model reads them. (MCP 2025-11-25,
 * server/tools, server/resources, server/prompts.)
 */
const ITEM = /^(?:\/content\/\d+|\/contents\/\d+|\/messages\/\d+\/content(?:\/\d+)?)(?:\/resource)?$/;

/** A message of a prompt has a role, an item its type. */
const MESSAGE = /^\/messages\/\d+$/;

function blobOf(item: JsonObject, pointer: Pointer): OutputBlob | undefined {
  const type = stringMember(item, 'type');
  const member = type === 'image' || type === 'audio' ? 'data' : 'blob';
  const data = stringMember(item, member);
  if (data === undefined) return undefined;
  return { kind: 'blob', pointer, member, data, mimeType: stringMember(item, 'mimeType') ?? '' };
}

function membersOf(
  value: JsonObject,
  name: string,
  parent: Pointer,
  isItem: boolean,
): readonly (Pending | OutputText)[] {
  const pointer = pointerTo(parent, name);
  const isFixed = (isItem && /^(?:type|uri|mimeType)$/.test(name)) || (name === 'role' && MESSAGE.test(parent));
  const key: OutputText = { kind: 'text', pointer, text: name, role: 'name', isFixed: true };
  return [key, { value: value[name] ?? null, pointer, isFixed }];
}
