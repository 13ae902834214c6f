import { SealwatchError } from '../errors.js';

/** What is needed of a response to read it. */
interface Readable {
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * Returns a response's body, decompressed, of at most `maxBytes`; reading stops there, so that a small compressed body
 * cannot become a large one in memory. `cut` returns what was read until then.
 *
 * @throws {SealwatchError} `OBSERVE_MESSAGE_TOO_LARGE`
 */
export async function readBody(response: Readable, maxBytes: number, beyond: 'cut' | 'refuse'): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const part of response.body) {
    length += part.length;
    parts.push(part);
    if (length > maxBytes && beyond === 'refuse') {
      throw new SealwatchError('OBSERVE_MESSAGE_TOO_LARGE', `an answer is larger than ${maxBytes} bytes`);
    }
    if (length > maxBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}
