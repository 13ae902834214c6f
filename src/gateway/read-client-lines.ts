import type { Readable } from 'node:stream';

import { SealwatchError } from '../errors.js';
import { decodeUtf8 } from '../integrity/decode-utf8.js';
import { splitLines } from '../mcp/split-lines.js';
import { type ClientMessage, readClientMessage } from './client-message.js';

/** A client may hand over a file in its arguments; one that sends more than this without an end sends no message. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Calls back with each message of a client that writes one a line, until it has nothing more to say or says something endless. */
export function readClientLines(
  input: Readable,
  { onMessage, onEnd }: { readonly onMessage: (message: ClientMessage) => void; readonly onEnd: () => void },
): void {
  const read = splitLines({
    maxBytes: MAX_LINE_BYTES,
    onLine: (line) => {
      if (!isBlank(line)) onMessage(messageIn(line));
    },
    onTooLong: () => {
      onMessage({ kind: 'problem', id: null, problem: `a message is longer than ${MAX_LINE_BYTES} bytes` });
      onEnd();
    },
  });
  // A pipe that breaks closes too.
  input.on('data', read).on('error', () => undefined);
  input.once('close', onEnd);
}

function messageIn(line: Buffer): ClientMessage {
  try {
    return readClientMessage(decodeUtf8(line));
  } catch (error) {
    if (!(error instanceof SealwatchError)) throw error;
    return { kind: 'problem', id: null, problem: 'this is not UTF-8' };
  }
}

function isBlank(line: Buffer): boolean {
  return line.length < 2 && line.toString('latin1').trim() === '';
}
