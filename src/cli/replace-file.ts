import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, lstatSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';

/**
 * Writes a file, whole or not at all, with the mode of one that is there. A device or a pipe is written to.
 *
 * Attack: a repository that has the file, or the draft of it, as a link to a file of the user, which would be written over. The name of
 * the draft cannot be foreseen, and a link in the place of the file is replaced and not followed.
 *
 * @param mode of a file that is not there yet.
 * @throws where it cannot be written.
 */
export function replaceFile(file: string, text: string, mode = 0o666): void {
  const existing = lstatSync(file, { throwIfNoEntry: false });
  // Where `/dev/stdout` is a link to a file, that is what is meant.
  const isChannel = /^\/(?:dev|proc)\//.test(file) || existing?.isFIFO() === true || existing?.isSocket() === true;
  if (isChannel) {
    writeFileSync(file, text);
    return;
  }
  const draft = `${file}.${randomUUID()}.new`;
  const handle = openSync(draft, 'wx', mode);
  try {
    try {
      if (existing?.isFile() === true) fchmodSync(handle, existing.mode & 0o777);
      writeFileSync(handle, text);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  }
}
