import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

import { messageOf } from '../errors.js';

/** Larger files are no settings. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A file as it was read. */
export interface ExactFile {
  readonly kind: 'read';
  readonly bytes: Buffer;
  readonly stats: Pick<Stats, 'mode' | 'uid' | 'gid'>;
}

export type ExactReading = ExactFile | { readonly kind: 'absent' } | { readonly kind: 'refused'; readonly why: string };

/** Returns the bytes of a file that may be replaced: no link, writable. */
export function readExactly(file: string): ExactReading {
  try {
    const stats = lstatSync(file);
    // Replacing it would part it from what it points at, such as a folder of settings under version control.
    if (stats.isSymbolicLink()) return refused('it is a symbolic link: name the file itself in its place');
    if (!stats.isFile()) return refused('it is no file');
    if (stats.size > MAX_BYTES) return refused(`it is larger than ${MAX_BYTES} bytes`);
    // To the user root everything is writable, so the mode counts too.
    if ((stats.mode & 0o222) === 0) return refused('it is not writable');
    accessSync(file, constants.W_OK);
    return { kind: 'read', bytes: readFileSync(file), stats };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
    return refused(code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'it is not writable' : messageOf(error));
  }
}

/**
 * Replaces a file as it was read, whole or not at all, with its mode and owner. Returns why not; `undefined` where it is done.
 *
 * What is written within the moment between the last look and the renaming is lost: file systems have no compare-and-swap.
 */
export function replaceExactly(file: string, read: ExactFile, bytes: Buffer): string | undefined {
  const draft = `${file}.sealwatch-new`;
  const failure = writeNew(draft, read, bytes);
  if (failure !== undefined) return failure;
  const now = readExactly(file);
  if (now.kind !== 'read' || !now.bytes.equals(read.bytes)) {
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
      if (stats.uid !== process.getuid?.() || stats.gid !== process.getgid?.()) fchownSync(handle, stats.uid, stats.gid);
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

function refused(why: string): ExactReading {
  return { kind: 'refused', why };
}
