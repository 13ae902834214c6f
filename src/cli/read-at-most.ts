import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Enough for nearly every file of settings in one go; some files of /proc are read in multiples of 8. */
const CHUNK_BYTES = 64 * 1024;

/** The bytes of a file, and the file that they are of. */
export interface FileBytes {
  readonly bytes: Buffer;
  readonly stats: Stats;
}

/**
 * Returns the bytes of a file that has no more than so many.
 *
 * What a file says of its size is not believed. Attack: a link to `/proc/self/pagemap`, which calls itself a file of no bytes and does
 * not end; and a pipe that is put in the place of the file after it was looked at.
 *
 * @throws where it is absent, cannot be read, is no file, or is larger.
 */
export function readAtMost(file: string, maxBytes: number): FileBytes {
  // To open a device can do something by itself.
  expectFile(statSync(file));
  const handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    expectFile(stats);
    return { bytes: readToEnd(handle, maxBytes), stats };
  } finally {
    closeSync(handle);
  }
}

function expectFile(stats: Stats): void {
  if (!stats.isFile()) throw new Error('it is no file');
}

function readToEnd(handle: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= maxBytes; ) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const count = readSync(handle, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  throw new Error(`larger than ${maxBytes} bytes`);
}
