import type { Decision } from '../model/decision.js';

/** Two processes of one machine read the clock in any order; more than that is a clock that was put back. */
const MAX_SKEW_MS = 60_000;

/**
 * Returns the decisions with every `allow` turned into `hold` where the last complete observation is `maxUncheckedMs` or more
 * ago, or never was: an approval of bytes that nobody has seen for so long says nothing about what the server sends now.
 */
export function holdUnchecked(
  decisions: readonly Decision[],
  input: { readonly lastCheckAt: string | undefined; readonly now: Date; readonly maxUncheckedMs: number },
): readonly Decision[] {
  const { lastCheckAt } = input;
  if (isCheckedLately(input)) return decisions;
  const message =
    lastCheckAt === undefined ? 'the server was never checked' : `the server was last checked at ${lastCheckAt}`;
  return decisions.map((decision) =>
    decision.verdict === 'allow'
      ? { ...decision, verdict: 'hold', reasons: [{ code: 'UNCHECKED_TOO_LONG', message }] }
      : decision,
  );
}

/** Returns whether the last complete observation is less than `maxUncheckedMs` ago. */
export function isCheckedLately(input: {
  readonly lastCheckAt: string | undefined;
  readonly now: Date;
  readonly maxUncheckedMs: number;
}): boolean {
  const { lastCheckAt, now, maxUncheckedMs } = input;
  const sinceMs = lastCheckAt === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(lastCheckAt);
  // A time that cannot be read is NaN, and every comparison with it is false: then it is held too. So it is where the clock
  // went back behind the check, since nobody knows then how long ago that was.
  return sinceMs > -MAX_SKEW_MS && sinceMs < maxUncheckedMs;
}
