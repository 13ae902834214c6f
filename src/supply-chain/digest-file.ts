import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';

import { type Evidence, present, unknown, unreached } from '../model/package-facts.js';
import { quote } from '../quote.js';

/** A file as it was when it was read. */
export interface FileDigest {
  /** Absolute, with links resolved. */
  readonly path: string;
  /** Of its bytes, hex. */
  readonly sha256: string;
  /** Its first line where that starts with `#!`, without those. */
  readonly shebang: string | undefined;
}

/** Linux reads no more of a first line. */
const SHEBANG_BYTES = 256;

/** Returns the digest of a file's bytes; what cannot be read now, or changes while it is read, is `unknown` for the time being. */
export async function digestFile(path: string): Promise<Evidence<FileDigest>> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    // Attack: a named pipe that nobody writes to. Without O_NONBLOCK, opening it would wait for ever.
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const before = await handle.stat();
    if (!before.isFile()) return unknown(`${quote(path, 160)} is no regular file`);
    const read = await hashOf(handle);
    const after = await handle.stat();
    if (before.size !== after.size || before.mtimeMs !== after.mtimeMs)
      return unreached(`${quote(path, 160)} changed while it was read`);
    return present({ path: real, ...read });
  } catch (error) {
    return unreached(`cannot read ${quote(path, 160)}: ${codeOf(error)}`);
  } finally {
    await handle?.close();
  }
}

async function hashOf(handle: FileHandle): Promise<Omit<FileDigest, 'path'>> {
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  for await (const part of handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    hash.update(part);
    if (head.length < SHEBANG_BYTES) head = Buffer.concat([head, part]).subarray(0, SHEBANG_BYTES);
  }
  return { sha256: hash.digest('hex'), shebang: shebangOf(head) };
}

function shebangOf(head: Buffer): string | undefined {
  return /^#!([^\n]*)/.exec(head.toString('latin1'))?.[1]?.trim();
}

/** The operating system's name for what went wrong: it holds no text of anybody else. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
}
