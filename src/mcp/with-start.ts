import { SealwatchError } from '../errors.js';
import type { Server } from '../model/server.js';
import type { Packages, PreparedStart } from '../ports.js';

/**
 * Does something with what is to be started in place of a server's command, `undefined` where nothing is. Where that is a version that
 * nobody has approved and it does not start, the approved one is taken in its place, and what is recorded says that the new one
 * could not be looked at.
 */
export async function withStart<Result>(
  server: Server,
  packages: Packages | undefined,
  signal: AbortSignal,
  action: (start: PreparedStart | undefined) => Promise<Result>,
): Promise<Result> {
  const start = await packages?.prepare?.(server, signal);
  try {
    return await action(start);
  } catch (error) {
    // A machine that is busy says nothing about a version.
    if (error instanceof SealwatchError && error.code === 'OBSERVE_TIMEOUT') throw error;
    if (start?.isTrial !== true || signal.aborted || !(error instanceof SealwatchError)) throw error;
    if (start.orElse === undefined)
      throw new SealwatchError('PACKAGE_NOT_TRIED', `its trial start failed: ${error.code} ${error.message}`, {
        cause: error,
      });
    // The code alone: what a program says when it fails differs each time, and would be another change each time.
    return await action(start.orElse(`its trial start failed (${error.code})`));
  }
}
