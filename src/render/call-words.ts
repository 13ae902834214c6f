import type { CallRecord } from '../model/call.js';
import { makeVisible, quote } from '../quote.js';

/** Names longer than this are cut where a call has one line. */
const MAX_NAME = 80;

/** Returns what was called in a sentence: `tool "create_issue"`. */
export function calledWords({ kind, name }: Pick<CallRecord, 'kind' | 'name'>): string {
  return kind === 'malformed' ? 'something without a name' : `${kind.replace('-', ' ')} ${quote(name, MAX_NAME)}`;
}

/** Returns what became of a call, in a few words. */
export function outcomeWords({ decision, code, answer }: CallRecord): string {
  if (decision === 'refused') return `refused: ${code ?? 'nobody knows why'}`;
  if (answer === undefined) return 'no answer is known';
  const why = answer.code === undefined ? '' : `: ${makeVisible(answer.code)}`;
  const size = answer.bytes === undefined ? '' : `, ${answer.bytes} bytes`;
  return `${OUTCOME[answer.outcome]}${why}, ${Math.round(answer.durationMs)} ms${size}`;
}

const OUTCOME = {
  result: 'answered',
  error: 'answered with an error',
  withheld: 'answered, and kept back',
  cancelled: 'called off by the client',
  failed: 'failed',
} as const;
