import type { OutputBinary } from '../model/checked-output.js';

/** What base64 holds. */
export interface CheckedBytes {
  readonly bytes: number;
  readonly content: OutputBinary['content'];
}

/** Returns how long the decoded bytes are, and whether they begin as the declared type does; only the beginning is decoded. */
export function checkBytes(base64: string, mimeType: string): CheckedBytes {
  if (!isBase64(base64)) return { bytes: 0, content: 'not-base64' };
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const bytes = Math.floor(((base64.length - padding) * 3) / 4);
  const start = atob(base64.slice(0, READ));
  const signs = SIGNS.get(mimeType.toLowerCase().replace(/\s*;.*$/s, ''));
  if (signs !== undefined) return { bytes, content: signs.some((sign) => sign.test(start)) ? 'as-declared' : 'other' };
  return { bytes, content: 'unknown' };
}

/** Signs of base64 that are decoded; a PDF may have something before its header. */
const READ = 1400;

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** How files of a type begin, byte by byte. */
const SIGNS: ReadonlyMap<string, readonly RegExp[]> = new Map([
  ['image/png', [/^\x89PNG\r\n\x1A\n/]],
  ['image/jpeg', [/^\xFF\xD8\xFF/]],
  ['image/jpg', [/^\xFF\xD8\xFF/]],
  ['image/gif', [/^GIF8[79]a/]],
  ['image/webp', [/^RIFF[^]{4}WEBP/]],
  ['application/pdf', [/^[^]{0,1000}%PDF-/]],
  ['audio/wav', [/^RIFF[^]{4}WAVE/]],
  ['audio/x-wav', [/^RIFF[^]{4}WAVE/]],
  ['audio/wave', [/^RIFF[^]{4}WAVE/]],
  ['audio/mpeg', [/^ID3/, /^\xFF[\xE0-\xFF]/]],
  ['audio/mp3', [/^ID3/, /^\xFF[\xE0-\xFF]/]],
  ['audio/ogg', [/^OggS/]],
  ['application/zip', [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/]],
]);

/** Returns the text that base64 holds where its type is one that a model reads as text; `undefined` where it is not, or no UTF-8. */
export function textInBase64(base64: string, mimeType: string): string | undefined {
  if (!TEXT_TYPE.test(mimeType) || !isBase64(base64)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // No UTF-8: then it is bytes like any other.
    return undefined;
  }
}

/** Returns the base64 of a text. */
export function base64Of(text: string): string {
  const bytes = new TextEncoder().encode(text);
  // In parts: a call takes only so many arguments.
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8_192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  return btoa(parts.join(''));
}

/** An SVG is an image to people and a text to a model. */
const TEXT_TYPE =
  /^(?:text\/|image\/svg|application\/(?:[\w.-]*\+)?(?:json|xml|xhtml|javascript|yaml|x-yaml|toml|sql|x-sh))/i;
