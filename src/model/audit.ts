import type { JsonObject } from './json.js';

/** What is written to the audit log. */
export const AUDIT_TYPES = [
  'store-created',
  'request-opened',
  'request-superseded',
  'request-withdrawn',
  'request-reopened',
  'request-approved',
  'request-rejected',
  'request-endorsed',
  'request-told-anew',
  'comment',
  'approval',
  'approval-ended',
  'approval-refused',
  'revoked',
  'waiver',
  'approver-added',
  'approver-removed',
  'browser-enrolled',
  'signed-in',
  'signed-out',
  'api-token-added',
  'api-token-removed',
  'consent-given',
  'consent-refused',
  'consent-used',
  'call-log-began',
  'call-log-given-up',
  'delivery-retried',
  'link-issued',
  'configuration-changed',
  'rules-changed',
] as const;

export type AuditType = (typeof AUDIT_TYPES)[number];

/** One leaf of the log. */
export interface AuditEntry {
  readonly index: number;
  readonly at: string;
  readonly type: AuditType;
  readonly actor: string;
  /** `undefined` where the content was erased: the leaf holds only its salted digest. */
  readonly details: JsonObject | undefined;
}

/** Whether the log is what it was. A broken log is an answer, not an exception. */
export type AuditVerdict =
  | { readonly kind: 'intact'; readonly size: number; readonly rootHash: string; readonly checkpoint: string }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };
