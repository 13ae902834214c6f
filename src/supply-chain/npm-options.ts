import { setMaxListeners } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import Config from '@npmcli/config';
import definitions from '@npmcli/config/lib/definitions/index.js';

import type { SourceContext } from './package-source.js';

/** npm's own options, flattened as its modules take them, and the folder that it takes for the project. */
export interface NpmOptions {
  readonly flat: Readonly<Record<string, unknown>>;
  readonly project: string;
}

/** Nobody waits for a registry longer, and a registry that does not answer is asked again by the next check. */
const TIMEOUT_MS = 30_000;

/** Some for each request that is made at the same time; more would be a leak. */
const MAX_LISTENERS = 200;

/**
 * Returns how npm is configured for a command that starts in a folder with an environment: registry, scopes, proxies, keys and
 * tokens, from all the files that npm itself reads.
 */
export async function readNpmOptions({ cwd, env, signal }: SourceContext): Promise<NpmOptions> {
  const config = new Config({
    ...definitions,
    npmPath: OURSELVES,
    argv: [],
    env,
    cwd,
    execPath: process.execPath,
    platform: process.platform,
    warn: false,
  });
  await config.load();
  // npm's modules listen for its end with every request, and several are asked at a time.
  setMaxListeners(MAX_LISTENERS, signal);
  const flat = { ...config.flat, retry: { retries: 0 }, timeout: TIMEOUT_MS, preferOnline: true, signal };
  return { flat, project: config.localPrefix };
}

/** Where npm would look for what its distributor configured: we have no such file. */
const OURSELVES = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
