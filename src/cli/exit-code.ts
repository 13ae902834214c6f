import type { ErrorCode } from '../errors.js';

/** 0 clean · 1 something needs a person · 2 could not check · 3 usage or configuration error. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Returns the highest of several: one server that could not be checked outweighs ten that are clean. */
export function highest(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce<ExitCode>((worst, code) => (code > worst ? code : worst), 0);
}

/** Returns the exit code of a command that failed with an error. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (NEEDS_A_PERSON.has(code)) return 1;
  return USAGE.has(code) || /^(CONFIG|LOCK|DUMP|RULE|MASK|SERVER_ID|REF|FINGERPRINT|SECRET_KEY)_/.test(code) ? 3 : 2;
}

const NEEDS_A_PERSON: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'APPROVAL_STALE',
  'APPROVAL_SETTLED',
  'APPROVAL_REFUSED',
  'APPROVAL_SAME_PERSON',
  'REQUEST_OPEN',
]);

const USAGE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'USAGE',
  'NOT_FOUND',
  'APPROVER_TOKEN_MISSING',
  'APPROVER_UNKNOWN',
  'APPROVER_EXISTS',
  'API_TOKEN_EXISTS',
  'CHECKPOINT_INVALID',
]);
