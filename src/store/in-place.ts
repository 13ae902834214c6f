import { statSync } from 'node:fs';

import { SealwatchError } from '../errors.js';

/**
 * Returns what throws once a file is not the one any more that lies there now.
 *
 * A file that was deleted, or replaced by a backup, stays readable for whoever has it open: what was approved then would count for ever,
 * and what is revoked now would never be heard of.
 *
 * The function throws {@link SealwatchError} `STORE_MISSING`.
 */
export function stayingInPlace(path: string): () => void {
  const opened = statSync(path, { bigint: true });
  return () => {
    const now = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (now?.ino === opened.ino && now.dev === opened.dev) return;
    const what = now === undefined ? 'was deleted' : 'was replaced';
    throw new SealwatchError('STORE_MISSING', `${path} ${what} while it was open: start this again`);
  };
}
