import { renameSync, writeFileSync } from 'node:fs';

/** Gives a file another content at once: whoever reads it meanwhile finds the old or the new, and never a half. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
