import { SealwatchError } from '../errors.js';
import { DEFINITION_KINDS, type DefinitionKind, type DefinitionRef, type RefText } from '../model/definition.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import { quote } from '../quote.js';

/**
 * Returns the full form of a reference, `server/kind/percent-encoded-name`; the key in every table. Two references have
 * one text only if they are equal: a name's own `#` is encoded, so that `#3` can only be a position.
 */
export function formatRef(ref: DefinitionRef): RefText {
  const name = ref.position === undefined ? encodeName(ref.name) : `#${ref.position}`;
  return `${ref.server}/${ref.kind}/${name}`;
}

/**
 * Returns the form to show: `server/name` for a tool whose name has no slash and only visible ASCII characters, where
 * the name stands as it is, not encoded; the full form for everything else.
 */
export function shortRef(refText: RefText): string {
  const { server, kind, name, position } = parseRef(refText);
  const isShort = kind === 'tool' && position === undefined && /^[!-.0-~]+$/.test(name);
  return isShort ? `${server}/${name}` : refText;
}

/**
 * Returns the reference that a text in the full or the short form names.
 *
 * @throws {SealwatchError} `REF_INVALID`
 */
export function parseRef(text: string): DefinitionRef {
  const [, serverText = '', second = '', third] = /^([^/]*)\/([^/]*)(?:\/(.*))?$/s.exec(text) ?? invalid(text);
  const server = parseServer(serverText, text);
  if (third === undefined) return second === '' ? invalid(text) : { server, kind: 'tool', name: second };
  const kind = DEFINITION_KINDS.find((one) => one === second) ?? invalid(text);
  return parseFull(server, kind, third, text);
}

function parseFull(server: ServerId, kind: DefinitionKind, name: string, text: string): DefinitionRef {
  if (!name.startsWith('#')) return { server, kind, name: decodeName(name, text) };
  const position = /^#(0|[1-9]\d{0,8})$/.exec(name)?.[1] ?? invalid(text);
  return { server, kind, name: '', position: Number(position) };
}

function parseServer(server: string, text: string): ServerId {
  try {
    return parseServerId(server);
  } catch (cause) {
    return invalid(text, cause);
  }
}

function invalid(text: string, cause?: unknown): never {
  const forms = 'server/tool-name or server/kind/percent-encoded-name';
  throw new SealwatchError('REF_INVALID', `not a definition: ${quote(text)} (${forms})`, { cause });
}

function encodeName(name: string): string {
  return name.replace(/[^A-Za-z0-9\-._~]/gu, encodeCharacter);
}

// `encodeURIComponent` throws on an unpaired surrogate and leaves `!'()*` alone; a server chooses the name, so neither will do.
function encodeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return percent(code);
  if (!isSurrogate(code)) return encodeURIComponent(character);
  return percent(0xe0 | (code >> 12)) + percent(0x80 | ((code >> 6) & 0x3f)) + percent(0x80 | (code & 0x3f));
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

function decodeName(encoded: string, text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(encoded)) invalid(text);
  try {
    return encoded.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeBytes);
  } catch (cause) {
    return invalid(text, cause);
  }
}

// An unpaired surrogate is written as the three bytes that UTF-8 would give it, which `decodeURIComponent` refuses.
function decodeBytes(bytes: string): string {
  const parts = bytes.split(/(%ED%[AB][0-9A-F]%[89AB][0-9A-F])/i);
  return parts.map((part, index) => (index % 2 === 1 ? decodeSurrogate(part) : decodeURIComponent(part))).join('');
}

function decodeSurrogate(bytes: string): string {
  const [, second = 0, third = 0] = bytes
    .slice(1)
    .split('%')
    .map((hex) => Number.parseInt(hex, 16));
  return String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
}
