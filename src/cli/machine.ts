import { homedir } from 'node:os';

import type { Machine } from '../clients/client-places.js';
import type { Cli } from './cli.js';

/** Returns the machine as the clients of its user find it. */
export function machineOf({ io, env }: Pick<Cli, 'io' | 'env'>): Machine {
  const { platform } = process;
  const home = env[platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  return {
    // Where it is neither, programs keep their settings as on Linux.
    platform: platform === 'win32' || platform === 'darwin' ? platform : 'linux',
    home: home === undefined || home === '' ? homedir() : home,
    env,
    cwd: io.cwd(),
  };
}
