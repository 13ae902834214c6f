import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

import { SealwatchError } from '../errors.js';
import { type Checkpoint, parseCheckpoint } from './checkpoint.js';
import { toStoreError } from './sqlite-error.js';

/** About a thousand checkpoints; then old ones are thinned out. */
const MAX_BYTES = 256 * 1024;

/** What stays when the file is thinned out, besides the first. */
const KEPT = 250;

/** The signed checkpoints that are kept outside the database, one after the other, with an empty line between them. */
export interface CheckpointsFile {
  /** Every checkpoint in the file, oldest first. @throws {SealwatchError} `AUDIT_BROKEN` where the file is missing. */
  readonly read: () => readonly string[];
  /** The one over the longest log: two processes may append in another order than they committed. */
  readonly newest: () => { readonly note: string; readonly checkpoint: Checkpoint } | undefined;
  /** Never throws: the caller has committed, and the newest checkpoint is written again with the next entry or opening. */
  readonly append: (note: string) => void;
}

/** Returns the checkpoints file at a path. */
export function checkpointsFile(path: string): CheckpointsFile {
  const read = (): readonly string[] => splitNotes(readText(path));
  return {
    read,
    newest: () => {
      const all = read().map((note) => ({ note, checkpoint: parseCheckpoint(note) }));
      return all.reduce<(typeof all)[number] | undefined>(
        (best, one) => (best === undefined || one.checkpoint.size >= best.checkpoint.size ? one : best),
        undefined,
      );
    },
    append: (note) => {
      try {
        // The line feed ends a torn block, so that it cannot run into this one.
        appendFileSync(path, `\n${note}`, { mode: 0o600 });
        if (statSync(path).size > MAX_BYTES) thinOut(path, read());
      } catch {
        // The transaction is committed and its checkpoint is in the database: an error would say that nothing was recorded.
      }
    },
  };
}

/** Key hash and Ed25519 signature are 68 bytes. A torn block (the power failed while it was written) is passed over. */
const NOTE_BLOCK = /^[^\s+]+\n\d+\n[A-Za-z0-9+/]{43}=\n\n— \S+ [A-Za-z0-9+/]{91}=\n/gm;

function splitNotes(text: string): readonly string[] {
  return text.match(NOTE_BLOCK)?.filter(isCheckpoint) ?? [];
}

function isCheckpoint(note: string): boolean {
  try {
    parseCheckpoint(note);
    return true;
  } catch {
    // Not one of ours: a torn or foreign block proves nothing.
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw toStoreError(error);
    throw new SealwatchError(
      'AUDIT_BROKEN',
      `${path} is missing: restore it from a backup; an empty file in its place gives up the proof that the store was not rolled back`,
    );
  }
}

/** Replaced whole, so that a crash leaves the old file or the new one. */
function thinOut(path: string, notes: readonly string[]): void {
  const kept = [...notes.slice(0, 1), ...notes.slice(1).slice(-KEPT)];
  writeFileSync(`${path}.new`, kept.join('\n'), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
