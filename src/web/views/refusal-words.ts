import type { ErrorCode } from '../../errors.js';

/** What somebody wanted to do. */
export type Action = 'decision' | 'waiver' | 'comment';

/** Returns in a sentence why something was not taken. */
export function reasonText(code: ErrorCode, action: Action = 'decision'): string {
  if (code === 'APPROVAL_REFUSED' && action === 'waiver') return NO_WAIVER;
  if (code === 'APPROVAL_REFUSED' && action === 'comment') return 'A comment must say something.';
  return REASONS[code] ?? 'It failed inside Sealwatch; the log of the service says more.';
}

const REASONS: Partial<Readonly<Record<ErrorCode, string>>> = {
  APPROVAL_STALE: 'What the server declares is not what your page showed any more.',
  APPROVAL_SETTLED: 'Somebody settled it before.',
  APPROVAL_REFUSED: 'It has to be opened and read first, or whoever decides is not known well enough.',
  APPROVAL_SAME_PERSON: 'You approved it already: the second approval has to be another person’s.',
  FORBIDDEN: 'You may look at this server and not decide about it.',
  NOT_FOUND: 'There is no such request.',
  STORE_LOCKED: 'The store is busy; try again in a moment.',
  STORE_CONFLICT: 'Somebody decided at the same moment; look at it again.',
};

const NO_WAIVER = 'A waiver needs a reason, and a last day that is not past and within a year.';
