import { SealwatchError } from '../errors.js';
import type { CallFilter, CallRecord } from '../model/call.js';
import { hasRoleEverywhere, type Principal } from '../model/principal.js';
import type { CallLog } from '../ports.js';

/** Enough to be fast, little enough that an export of a long log needs little memory. */
const CALLS_PER_READ = 1_000;

/**
 * Returns one page of the log of calls, newest first, from the call before `before` on.
 *
 * @throws {SealwatchError} `FORBIDDEN` for whoever may not approve on every server: parameters say more than definitions do. `STORE_…`,
 *   `AUDIT_BROKEN`
 */
export async function readCalls(
  principal: Principal,
  filter: CallFilter & { readonly before?: number; readonly limit: number },
  callLog: CallLog | undefined,
): Promise<readonly CallRecord[]> {
  if (!hasRoleEverywhere(principal, 'approver'))
    throw new SealwatchError('FORBIDDEN', 'the log of calls is for those who may approve on every server');
  return (await callLog?.search(filter)) ?? [];
}

/** Yields every call that is asked for, newest first. What is called meanwhile is not in it. */
export async function* everyCall(filter: CallFilter, callLog: CallLog): AsyncGenerator<CallRecord, void, undefined> {
  let before: number | undefined;
  do {
    const from: { before?: number } = before === undefined ? {} : { before };
    const calls = await callLog.search({ ...filter, ...from, limit: CALLS_PER_READ });
    yield* calls;
    before = calls.length < CALLS_PER_READ ? undefined : calls.at(-1)?.index;
  } while (before !== undefined);
}
