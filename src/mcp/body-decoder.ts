import { constants, createBrotliDecompress, createUnzip } from 'node:zlib';

import { SealwatchError } from '../errors.js';
import { quote } from '../quote.js';

/** Where the bytes of a body go. */
export interface BodySink {
  readonly take: (bytes: Buffer) => void;
  readonly end: () => void;
  readonly broke: (error: unknown) => void;
}

/** What the raw bytes of a body go into. */
export interface BodyDecoder {
  /** Returns whether more may come at once; `sink` has what there is of it. */
  readonly write: (bytes: Buffer, onDrained: () => void) => boolean;
  readonly end: () => void;
  /** Nothing more comes out. */
  readonly stop: () => void;
}

/**
 * Returns what undoes the compression of a body, piece by piece, so that whoever counts what comes out can stop it; `undefined` where there
 * is none.
 *
 * @throws {SealwatchError} `OBSERVE_NOT_JSON_RPC` for one that is not known
 */
export function createBodyDecoder(encoding: string, sink: BodySink): BodyDecoder | undefined {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return undefined;
  const stream = streamFor(name);
  stream.on('data', sink.take).on('end', sink.end).on('error', sink.broke);
  return {
    write: (bytes, onDrained) => {
      if (stream.write(bytes)) return true;
      stream.once('drain', onDrained);
      return false;
    },
    end: () => void stream.end(),
    stop: () => void stream.destroy(),
  };
}

/** An event has to come out when it came in, not when the stream ends. */
const FLUSH = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };

function streamFor(name: string): ReturnType<typeof createUnzip> | ReturnType<typeof createBrotliDecompress> {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip(FLUSH);
    case 'br':
      return createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    default:
      throw new SealwatchError(
        'OBSERVE_NOT_JSON_RPC',
        `the server compresses in a way that is not known: ${quote(name, 40)}`,
      );
  }
}
