import type { Finding } from '../model/finding.js';

/**
 * Returns the findings in `after` that `before` did not have: the same rule on the same words is no news wherever they stand now,
 * but one more of them is.
 */
export function findingsNewIn(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, number>();
  for (const finding of before) known.set(keyOf(finding), (known.get(keyOf(finding)) ?? 0) + 1);
  return after.filter((finding) => {
    const left = known.get(keyOf(finding)) ?? 0;
    known.set(keyOf(finding), left - 1);
    return left <= 0;
  });
}

function keyOf({ rule, excerpt, message }: Finding): string {
  return JSON.stringify([rule, excerpt, message]);
}
