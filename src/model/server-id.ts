import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

declare const serverIdBrand: unique symbol;

/** A configured server's name: `[a-z0-9][a-z0-9-]{0,62}`. Never used again for another server. */
export type ServerId = string & { readonly [serverIdBrand]: true };

/**
 * Returns the text as a server id.
 *
 * @throws {SealwatchError} `SERVER_ID_INVALID`
 */
export function parseServerId(text: string): ServerId {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) {
    const rule = 'lower-case letters, digits and hyphens, at most 63, not starting with a hyphen';
    throw new SealwatchError('SERVER_ID_INVALID', `not a server id: ${quote(text, 80)} (${rule})`);
  }
  return text as ServerId;
}
