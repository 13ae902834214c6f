import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

import { messageOf } from '../errors.js';
import { readAtMost } from './read-at-most.js';

/** Larger files are no settings. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A file as it was read. */
export interface ExactFile {
  readonly kind: 'read';
  readonly bytes: Buffer;
  readonly stats: Pick<Stats, 'mode' | 'uid' | 'gid'>;
  /** Why it may not be replaced; `undefined` where it may. */
  readonly barrier: string | undefined;
}

export type ExactReading =
  | ExactFile
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Returns the bytes of a file, and whether it may be replaced. */
export function readExactly(file: string): ExactReading {
  try {
    const { bytes, stats } = readAtMost(file, MAX_BYTES);
    return { kind: 'read', bytes, stats, barrier: barrierOf(file, stats) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return { kind: 'unreadable', why: messageOf(error) };
  }
}

function barrierOf(file: string, { mode }: Stats): string | undefined {
  // Replacing it would part it from what it points at, such as settings under version control.
  if (lstatSync(file).isSymbolicLink())
    return 'it is a symbolic link: put the file itself in its place, or edit it by hand';
  try {
    accessSync(file, constants.W_OK);
  } catch {
    return 'it is not writable';
  }
  // To the user root everything is writable, so the mode counts too.
  return (mode & 0o222) === 0 ? 'it is not writable' : undefined;
}

/**
 * Replaces a file as it was read, whole or not at all, with its mode and owner. Returns why not; `undefined` where it is done.
 *
 * What is written within the moment between the last look and the renaming is lost: file systems have no compare-and-swap.
 */
export function replaceExactly(file: string, read: ExactFile, bytes: Buffer): string | undefined {
  const draft = `${file}.sealwatch-new`;
  const failure = read.barrier ?? writeNew(draft, read, bytes);
  if (failure !== undefined) return failure;
  const now = readExactly(file);
  if (now.kind !== 'read' || now.barrier !== undefined || !now.bytes.equals(read.bytes)) {
    unlinkSync(draft);
    return 'it was changed meanwhile';
  }
  return attempt(() => {
    renameSync(draft, file);
  });
}

/** Writes a file beside another one, with the mode and owner of that. Returns why not; one that is there is never written over. */
export function writeNew(file: string, { stats }: Pick<ExactFile, 'stats'>, bytes: Buffer): string | undefined {
  return attempt(() => {
    const handle = openSync(file, 'wx', 0o600);
    try {
      if (process.platform !== 'win32') fchownSync(handle, stats.uid, stats.gid);
      fchmodSync(handle, stats.mode & 0o777);
      writeFileSync(handle, bytes);
      fsyncSync(handle);
    } catch (error) {
      unlinkSync(file);
      throw error;
    } finally {
      closeSync(handle);
    }
  });
}

function attempt(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
