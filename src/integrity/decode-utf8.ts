import { SealwatchError } from '../errors.js';

/**
 * Returns the text that the bytes encode, a leading byte order mark included, so that the JSON reader can refuse it.
 *
 * @throws {SealwatchError} `JSON_ENCODING` where the bytes are not UTF-8 (RFC 8259 section 8.1). A lenient decoder would
 * write U+FFFD for each bad byte, and two different definitions would get one fingerprint.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes);
  } catch (cause) {
    throw new SealwatchError('JSON_ENCODING', `${bytes.length} bytes are not UTF-8`, { cause });
  }
}

/** Keeps nothing from one text to the next. Making one costs more than what it does for a message. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
