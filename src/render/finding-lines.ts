import type { Urgency } from '../model/drift.js';
import type { Finding, Severity } from '../model/finding.js';
import { quote } from '../quote.js';
import type { Line } from './line.js';
import { maskSecrets } from './mask-secrets.js';
import { oneLine } from './one-line.js';
import { wrapText } from './wrap-text.js';

/** Excerpts are short already; a hostile one is made longer by its escapes. */
const MAX_EXCERPT = 200;

/** Returns what a finding says, for a place beside the text that caused it. */
export function findingLines(finding: Finding, width: number): readonly Line[] {
  const { severity, rule, message, excerpt, remediation, blocks } = finding;
  const urgency = URGENCY[severity];
  const line = (text: string): Line => ({ kind: 'finding', text, urgency });
  const wrapped = (text: string): readonly Line[] =>
    wrapText(oneLine(text), width - 2).map((one, index) => line(index === 0 ? one.text : `  ${one.text}`));
  return [
    ...wrapped(`${severity}: ${message} (${rule})`),
    ...(excerpt === '' ? [] : wrapped(`  ${quote(maskSecrets(excerpt), MAX_EXCERPT)}`)),
    ...(blocks ? wrapped('  blocks: approving does not release it, only a waiver does') : []),
    ...wrapped(`  ${remediation}`),
  ];
}

/** Colours know four steps; a finding worth a look is never shown as less than high. */
const URGENCY: Readonly<Record<Severity, Urgency>> = {
  info: 'info',
  low: 'low',
  medium: 'high',
  high: 'high',
  critical: 'critical',
};
