import { createHash } from 'node:crypto';

import type { Finding, Severity } from '../model/finding.js';
import type { JsonValue } from '../model/json.js';
import { makeVisible, quote } from '../quote.js';
import { sarifLog } from './sarif-log.js';

/** What a log says of a rule. */
export interface SarifRule {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly confidence: string;
  readonly maturity: string;
  readonly why: string;
  readonly remediation: string;
  readonly references: readonly string[];
}

/** A server that could not be checked. */
export interface SarifFailure {
  readonly server: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Returns findings as a SARIF 2.1.0 log. A definition has no file, so places are logical locations: the definition's reference with the
 * JSON pointer of the string.
 *
 * The fingerprint of a result depends on rule, definition and matched text alone, so that a finding is the same one wherever the text
 * moves and whatever else changes; equal ones are numbered. (OASIS SARIF 2.1.0, 3.27.17 partialFingerprints.)
 */
export function toSarif(
  findings: readonly Finding[],
  rules: readonly SarifRule[],
  run: { readonly version: string; readonly failures: readonly SarifFailure[] },
): JsonValue {
  const described = [...rules, ...undescribed(findings, rules)].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const placeOf = new Map(described.map(({ id }, index) => [id, index]));
  const countEqual = counter();
  return sarifLog({
    version: run.version,
    rules: described.map(ruleJson),
    failures: run.failures.map(failureJson),
    results: findings.map((finding) => resultJson(finding, placeOf.get(finding.rule) ?? -1, countEqual(finding))),
  });
}

/** What the engine itself finds has no file: its findings say what there is to say. */
function undescribed(findings: readonly Finding[], rules: readonly SarifRule[]): readonly SarifRule[] {
  const known = new Set(rules.map(({ id }) => id));
  const first = new Map(
    findings.filter(({ rule }) => !known.has(rule)).map((finding): [string, Finding] => [finding.rule, finding]),
  );
  return Array.from(first.values(), ({ rule, severity, confidence, remediation }) => ({
    id: rule,
    title: rule,
    severity,
    confidence,
    maturity: 'stable',
    why: 'Found by the engine itself.',
    remediation,
    references: [],
  }));
}

function ruleJson(rule: SarifRule): JsonValue {
  return {
    id: rule.id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.why.trim() },
    help: { text: rule.remediation.trim() },
    defaultConfiguration: { level: levelOf(rule.severity) },
    properties: {
      severity: rule.severity,
      precision: rule.confidence,
      maturity: rule.maturity,
      'security-severity': SCORE_OF[rule.severity],
      tags: ['security', ...rule.references],
    },
  };
}

function resultJson(finding: Finding, ruleIndex: number, number: number): JsonValue {
  const { rule, refText, pointer, severity, message, excerpt, version, span, blocks } = finding;
  const place = `${refText}${makeVisible(pointer)}`;
  return {
    ruleId: rule,
    ruleIndex,
    level: levelOf(severity),
    message: { text: excerpt === '' ? message : `${message}: ${quote(excerpt)}` },
    locations: [{ logicalLocations: [{ fullyQualifiedName: place, kind: 'member' }] }],
    partialFingerprints: { 'sealwatchFinding/v1': `${fingerprintOf(finding)}:${number}` },
    properties: {
      severity,
      confidence: finding.confidence,
      definition: refText,
      version,
      pointer,
      span: span ?? null,
      blocks,
    },
  };
}

/** Returns what a log says of a server that could not be checked. */
export function failureJson({ server, code, message }: SarifFailure): JsonValue {
  return {
    level: 'error',
    descriptor: { id: code },
    message: { text: `${server} could not be checked: ${makeVisible(message)}` },
  };
}

function fingerprintOf({ rule, refText, excerpt }: Finding): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, refText, excerpt]))
    .digest('hex');
}

/** Returns which of several equal findings one is, from 1. */
function counter(): (finding: Finding) => number {
  const counts = new Map<string, number>();
  return (finding) => {
    const key = fingerprintOf(finding);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count;
  };
}

function levelOf(severity: Severity): 'note' | 'warning' | 'error' {
  switch (severity) {
    case 'info':
    case 'low':
      return 'note';
    case 'medium':
      return 'warning';
    case 'high':
    case 'critical':
      return 'error';
  }
}

/** What readers of SARIF sort by: the middle of the ranges of CVSS. */
const SCORE_OF: Readonly<Record<Severity, string>> = {
  info: '0.0',
  low: '2.0',
  medium: '5.5',
  high: '8.0',
  critical: '9.5',
};
