import { hash } from 'node:crypto';

import { codeOf } from '../errors.js';
import type { CallAnswered, CallAsked } from '../model/call.js';
import type { Lifeline } from '../mcp/lifeline.js';
import type { CallLog, Clock } from '../ports.js';
import type { Outcome } from './backend.js';
import { codeIn, notLogged } from './errors.js';

/** What a call came to. */
export interface Passed {
  readonly outcome: Outcome;
  /** What the server answered with, before anything was done to it. */
  readonly sent: { readonly kind: 'result' | 'error'; readonly text: string } | undefined;
}

interface Deps {
  /** `undefined` where calls are not logged. */
  readonly callLog?: CallLog | undefined;
  readonly clock: Clock;
}

/**
 * Makes a call that is written down before it is made, and whose answer is written down before the client gets it. A call that cannot be
 * written is not made; an answer that cannot is kept back.
 */
export async function recordCall(
  call: CallAsked,
  { callLog, clock }: Deps,
  life: Lifeline,
  make: () => Promise<Passed>,
): Promise<Outcome> {
  if (callLog === undefined) return (await make()).outcome;
  const startedAt = clock.monotonicMs();
  const index = await callLog.asked(call).catch((error: unknown) => notLogged(error, 'was not made'));
  if (typeof index !== 'number') return { kind: 'refusal', error: index };
  // What was refused has no answer.
  if (call.decision === 'refused') return (await make()).outcome;
  const write = async (answer: Pick<CallAnswered, 'outcome' | 'code' | 'bytes' | 'digest'>): Promise<void> => {
    const durationMs = Math.round((clock.monotonicMs() - startedAt) * 1_000) / 1_000;
    await callLog.answered(index, { at: clock.now().toISOString(), durationMs, ...answer });
  };
  let passed: Passed;
  try {
    passed = await make();
  } catch (error) {
    const outcome = life.reason !== undefined ? 'cancelled' : 'failed';
    // The client hears of the failure itself.
    await write({ outcome, code: codeOf(error), bytes: undefined, digest: undefined }).catch(() => undefined);
    throw error;
  }
  try {
    await write(answerOf(passed));
  } catch (error) {
    return { kind: 'refusal', error: notLogged(error, 'was made, but its answer is kept back') };
  }
  return passed.outcome;
}

function answerOf({ outcome, sent }: Passed): Pick<CallAnswered, 'outcome' | 'code' | 'bytes' | 'digest'> {
  const measured = {
    bytes: sent === undefined ? undefined : Buffer.byteLength(sent.text),
    digest: sent === undefined ? undefined : hash('sha256', sent.text, 'hex'),
  };
  if (outcome.kind === 'result') return { outcome: 'result', code: undefined, ...measured };
  const code = codeIn(outcome.error);
  if (sent === undefined) return { outcome: 'failed', code, ...measured };
  return { outcome: sent.kind === 'error' ? 'error' : 'withheld', code, ...measured };
}
