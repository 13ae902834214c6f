import { SealwatchError } from '../errors.js';

/** Returns the error for a log of calls that is not the one that was written. */
export function brokenCalls(why: string): SealwatchError {
  return new SealwatchError(
    'AUDIT_BROKEN',
    `the log of calls is broken: ${why}; find out why, keep calls.db and calls.checkpoint elsewhere, and \`sealwatch calls restart\` lets a new log begin`,
  );
}
