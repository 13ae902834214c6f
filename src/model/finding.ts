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
