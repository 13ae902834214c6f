import type { Finding, Waiver } from '../model/finding.js';

/**
 * Returns the findings that no waiver covers. A waiver covers one rule on exactly one version of one definition, and from
 * the moment of its expiry nothing. A date that cannot be read counts as expired.
 */
export function withoutWaived(findings: readonly Finding[], waivers: readonly Waiver[], now: Date): readonly Finding[] {
  const inForce = waivers.filter(({ expiresAt }) => Date.parse(expiresAt) > now.getTime());
  return findings.filter((finding) => !inForce.some((waiver) => covers(waiver, finding)));
}

function covers(waiver: Waiver, finding: Finding): boolean {
  return waiver.rule === finding.rule && waiver.refText === finding.refText && waiver.version === finding.version;
}
