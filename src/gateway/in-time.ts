import type { Lifeline } from '../mcp/lifeline.js';
import { callOffLate, isLate } from './call-off.js';
import { tookTooLong } from './errors.js';
import type { Passed } from './record-call.js';

/** Makes a call that has its time: one that takes too long is called off at the server too. `action` ends when its lifeline does. */
export async function inTime(
  life: Lifeline,
  timeoutMs: number,
  action: (within: Lifeline) => Promise<Passed>,
): Promise<Passed> {
  const { lifeline: within, release } = life.fork();
  const timer = setTimeout(() => {
    callOffLate(within);
  }, timeoutMs);
  try {
    return await action(within);
  } catch (error) {
    if (isLate(within)) return { outcome: { kind: 'refusal', error: tookTooLong(timeoutMs) }, sent: undefined };
    throw error;
  } finally {
    clearTimeout(timer);
    release();
  }
}
