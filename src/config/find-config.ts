import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { SealwatchError } from '../errors.js';

/** The name that is looked for. */
export const CONFIG_FILE = 'sealwatch.yaml';

/**
 * Returns the path of the configuration: the file that was named, else `sealwatch.yaml` here or in the nearest parent folder.
 *
 * @throws {SealwatchError} `CONFIG_NOT_FOUND`
 */
export function findConfig(file: string | undefined, cwd: string): string {
  if (file !== undefined) {
    const named = resolve(cwd, file);
    if (existsSync(named)) return named;
    throw new SealwatchError('CONFIG_NOT_FOUND', `there is no ${named}`);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const candidate = join(folder, CONFIG_FILE);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) break;
  }
  throw new SealwatchError('CONFIG_NOT_FOUND', `no ${CONFIG_FILE} in ${resolve(cwd)} or a folder above it`);
}
