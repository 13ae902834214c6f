import type { RefText } from './definition.js';
import type { VersionId } from './fingerprint.js';
import type { ChangeClass } from './drift.js';
import type { Pointer } from './pointer.js';

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** A rule's match in one version of one definition. */
export interface Finding {
  readonly rule: string;
  readonly refText: RefText;
  readonly version: VersionId;
  /** The string that matched. */
  readonly pointer: Pointer;
  /** Half-open range in that string, in UTF-16 code units; absent for findings about the whole definition. */
  readonly span?: { readonly start: number; readonly end: number };
  /** The matched text with a little around it, raw: it is quoted where it is shown. */
  readonly excerpt: string;
  readonly severity: Severity;
  readonly confidence: 'low' | 'medium' | 'high';
  /** One sentence on what the text would make the model do. */
  readonly message: string;
  /** Whether it blocks: cannot be approved away without a waiver. */
  readonly blocks: boolean;
  /** What a change means that brings this finding; `undefined` where the finding says nothing about that. */
  readonly means: ChangeClass | undefined;
  /** What the rule's author recommends. */
  readonly remediation: string;
}

/** Returns whether `severity` is at least `threshold`. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}

/**
 * Returns the severity of all findings of one definition together; `undefined` where there is none: that of the worst, but two rules that are
 * sure enough of themselves (confidence at least medium) and both call it medium make it high, since two independent signs of an attack are
 * seldom both wrong.
 */
export function combinedSeverity(findings: readonly Finding[]): Severity | undefined {
  const worst = SEVERITIES.findLast((one) => findings.some(({ severity }) => severity === one));
  if (worst !== 'medium') return worst;
  const sure = findings.filter(({ severity, confidence }) => severity === 'medium' && confidence !== 'low');
  return new Set(sure.map(({ rule }) => rule)).size > 1 ? 'high' : worst;
}

/** A definition, and how severe all that was found in it is together. */
export interface DefinitionSeverity {
  readonly refText: RefText;
  readonly severity: Severity;
}

/** Returns each definition that has findings with their {@link combinedSeverity}, in the order of their first. */
export function severitiesOf(findings: readonly Finding[]): readonly DefinitionSeverity[] {
  const refs = [...new Set(findings.map(({ refText }) => refText))];
  return refs.flatMap((refText) => {
    const severity = combinedSeverity(findings.filter((one) => one.refText === refText));
    return severity === undefined ? [] : [{ refText, severity }];
  });
}

/** "This rule on this version is a false positive", by whom, until when. */
export interface Waiver {
  readonly rule: string;
  readonly refText: RefText;
  readonly version: VersionId;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601; counts as expired from this moment on. */
  readonly expiresAt: string;
}
