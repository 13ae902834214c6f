import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

/** The folder of the package, which holds `rules/` and `data/`: the same from `src/` and from `dist/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the version of this program. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
