import { hash } from 'node:crypto';
import { type Fingerprint, parseFingerprint } from '../model/fingerprint.js';

/** Returns the fingerprint of a definition by its RFC 8785 form: tool definition hash, version 1, section 2. */
export function fingerprintOf(canonical: string): Fingerprint {
  return parseFingerprint(`v1:sha256:${sha256Hex(canonical)}`);
}

/** Returns the SHA-256 of bytes, or of the UTF-8 bytes of a text, as 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string | Uint8Array): string {
  return hash('sha256', text, 'hex');
}

/**
 * Returns the set hash of one whole listing: tool definition hash, version 1, section 3. `hash` is the definition hash
 * in hexadecimal digits; `undefined` for a name or a hash means that there is no set hash.
 */
export function setHash(
  entries: readonly { readonly name: string | undefined; readonly hash: string | undefined }[],
): string | undefined {
  const named = entries.flatMap(({ name, hash: digest }) =>
    name === undefined || digest === undefined ? [] : [{ name, digest }],
  );
  if (named.length < entries.length) return undefined;
  const sorted = named.sort((a, b) => inCodeUnitOrder(a.name, b.name) || inCodeUnitOrder(a.digest, b.digest));
  return sha256Hex(sorted.map(({ name, digest }) => `${name}:${digest}`).join('\n'));
}

/** Returns the hash of a server's instructions: tool definition hash, version 1, section 4. */
export function instructionsHash(text: string): string {
  return sha256Hex(text);
}

function inCodeUnitOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
