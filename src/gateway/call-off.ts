import { SealwatchError } from '../errors.js';
import type { Lifeline } from '../mcp/lifeline.js';

/** Why a call was called off by us. */
const [LATE, HELD] = [
  new SealwatchError('OBSERVE_TIMEOUT', 'it took too long'),
  new SealwatchError('OBSERVE_ABORTED', 'it is not approved any more'),
];

/** Calls something off because it took too long. */
export function callOffLate(life: Lifeline): void {
  life.fail(LATE);
}

/** Calls something off because nobody approves it any more. */
export function callOffHeld(life: Lifeline): void {
  life.fail(HELD);
}

/** Returns whether something was called off because it took too long. */
export function isLate({ reason }: Lifeline): boolean {
  return reason === LATE;
}

/** Returns whether something was called off because nobody approves it any more. */
export function isHeld({ reason }: Lifeline): boolean {
  return reason === HELD;
}
