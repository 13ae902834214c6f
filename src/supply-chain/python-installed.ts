import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { pythonName } from '../policy/identify-launch.js';
import type { SourceContext } from './package-source.js';

/** Below the user's data: where `uv tool install` and `pipx install` put a package, which `uvx` and `pipx run` take before the index is asked. */
const PLACES = ['.local/share/uv/tools', '.local/share/pipx/venvs', '.local/pipx/venvs'];

/** Returns the folder of a copy that is installed on this machine for the user, and would be run. */
export async function findInstalledPython(
  name: string,
  { env }: Pick<SourceContext, 'env'>,
): Promise<string | undefined> {
  const home = env['HOME'] ?? env['USERPROFILE'];
  if (home === undefined) return undefined;
  for (const place of PLACES) {
    const folder = join(home, place, pythonName(name));
    try {
      if ((await stat(folder)).isDirectory()) return folder;
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}
