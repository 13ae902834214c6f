import { codeOf, messageOf } from '../errors.js';
import type { Unchecked } from '../model/inspection.js';
import type { Server } from '../model/server.js';
import type { Clock } from '../ports.js';
import { VANTAGE } from './deps.js';

/**
 * Errors of the store, and being told to stop, are not the server's: they stop us, instead of counting as an outage of the
 * server and alerting people.
 */
const OURS = /^(STORE|AUDIT)_|^OBSERVE_ABORTED$/;

/**
 * Returns the result, or why a server could not be checked: that is an outcome of its own, beside the other servers' answers.
 *
 * @throws {SealwatchError} `STORE_…`, `AUDIT_…`, `OBSERVE_ABORTED`
 */
export async function tryTo<Result>(
  server: Pick<Server, 'id'>,
  clock: Clock,
  action: () => Promise<Result>,
): Promise<Result | Unchecked> {
  const started = clock.monotonicMs();
  try {
    return await action();
  } catch (error) {
    const code = codeOf(error);
    if (OURS.test(code)) throw error;
    const at = clock.now().toISOString();
    const durationMs = clock.monotonicMs() - started;
    return { kind: 'unchecked', server: server.id, vantage: VANTAGE, at, durationMs, code, message: messageOf(error) };
  }
}
