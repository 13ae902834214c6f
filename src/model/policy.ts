import type { ChangeClass, Urgency } from './drift.js';
import type { Severity } from './finding.js';

/**
 * Classes that a policy may approve by itself: none that covers text or URLs that a model or a person reads. Not `narrowing`:
 * whether a schema accepts less cannot be decided for all schemas, and a hostile one is made to look as if it did.
 */
export const AUTO_APPROVABLE = ['cosmetic', 'removal'] as const satisfies readonly ChangeClass[];

/** What is decided without a person, and what is not. */
export interface Policy {
  readonly autoApprove: readonly (typeof AUTO_APPROVABLE)[number][];
  /** `firstUse: trust` never covers a definition with a finding at or above this severity. */
  readonly blockLevel: Severity;
  /** Requests of these urgencies need two different persons to approve. */
  readonly twoPersons: readonly Urgency[];
  /** What is asked of the packages of servers that we start; `undefined` where nothing is. */
  readonly packages?: PackagePolicy;
}

/** Of an advisory, as npm names them. */
export const ADVISORY_SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;

/** What a package has to meet before anything of its server is allowed, approved or not. */
export interface PackagePolicy {
  readonly requirePinned: boolean;
  readonly minimumAgeMs: number | undefined;
  /** From which repository and by which workflow; from any where they are `undefined`. */
  readonly requireProvenance:
    | { readonly repository?: string | undefined; readonly workflow?: string | undefined }
    | undefined;
  readonly forbidInstallScripts: boolean;
  /** Origins. */
  readonly allowedRegistries: readonly string[] | undefined;
  /** The worst that is still taken; `none` takes none. */
  readonly maximumSeverity: (typeof ADVISORY_SEVERITIES)[number] | 'none' | undefined;
}

export const DEFAULT_POLICY: Policy = { autoApprove: [], blockLevel: 'high', twoPersons: [] };
