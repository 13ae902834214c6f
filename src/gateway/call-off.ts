import { SealwatchError } from '../errors.js';
import type { Lifeline } from '../mcp/lifeline.js';

/** Why a call was called off by us. */
const LATE = new SealwatchError('OBSERVE_ABORTED', 'it took too long');

/** Calls something off because it took too long. */
export function callOffLate(life: Lifeline): void {
  life.fail(LATE);
}

/** Returns whether something was called off because it took too long. */
export function isLate({ reason }: Lifeline): boolean {
  return reason === LATE;
}
