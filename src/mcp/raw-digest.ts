import { createHash } from 'node:crypto';

import type { JsonObject } from '../model/json.js';
import type { Page } from '../model/observation.js';

/**
 * Returns the SHA-256, hex, over everything that an observation received; `recorded` is what is recorded beside it: keys of certificates, the package. Each text is preceded by its length, so that no
 * two different observations run together to the same bytes.
 */
export function rawDigest(
  protocolVersion: string,
  handshake: string,
  pages: readonly Page[],
  recorded: readonly JsonObject[],
): string {
  const hash = createHash('sha256');
  const add = (text: string): void => {
    hash.update(`${Buffer.byteLength(text, 'utf8')}:`).update(text, 'utf8');
  };
  add(protocolVersion);
  add(handshake);
  for (const { method, result } of pages) {
    add(method);
    add(result);
  }
  if (recorded.length > 0) add(JSON.stringify(recorded));
  return hash.digest('hex');
}
