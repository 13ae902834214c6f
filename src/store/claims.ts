import { createHash } from 'node:crypto';

import type { NewEntry } from './audit-entry.js';
import type { ApprovalRow, ApproverRow, BrowserRow, LinkRow, RequestRow, WaiverRow } from './tables.js';

/*
 * What each record that grants something says in the audit log. Writing a record appends its claim; reading one derives the
 * claim from the row again and holds it against the log, so that a row made or edited with a plain SQL client counts for nothing.
 */

/** Who acts where no person or policy does. */
export const SEALWATCH = 'sealwatch';

type Unplaced<Row> = Omit<Row, 'tenant' | 'leaf'>;

/** Returns what the log says about a request: which versions it asks for. Findings and urgency may be told anew. */
export function requestClaim(
  row: Pick<RequestRow, 'id' | 'server' | 'vantage' | 'digest' | 'provenance' | 'target' | 'opened_at'>,
): NewEntry {
  const { id, server, vantage, digest, provenance } = row;
  const details = { request: id, server, vantage, digest, provenance, target: sha256(row.target) };
  return { type: 'request-opened', at: row.opened_at, actor: SEALWATCH, details };
}

/** Returns what the log says about an approval. */
export function approvalClaim(row: Omit<Unplaced<ApprovalRow>, 'id' | 'ended_at' | 'ended_by'>): NewEntry {
  const { server, vantage, version, provenance, request } = row;
  const details = { server, vantage, ref: row.ref_text, version, provenance, content: row.content_digest, request };
  return { type: 'approval', at: row.approved_at, actor: row.approved_by, details };
}

/** Returns what the log says about a waiver. */
export function waiverClaim(row: Omit<Unplaced<WaiverRow>, 'id'>): NewEntry {
  const { server, rule, version, reason } = row;
  const details = { server, rule, ref: row.ref_text, version, reason, expiresAt: row.expires_at };
  return { type: 'waiver', at: row.waived_at, actor: row.waived_by, details };
}

/** Returns what the log says about a link. */
export function linkClaim(row: Omit<Unplaced<LinkRow>, 'used_at'>): NewEntry {
  const { hash, request, digest, recipient } = row;
  const details = { link: hash, request, digest, recipient, expiresAt: row.expires_at };
  return { type: 'link-issued', at: row.issued_at, actor: SEALWATCH, details };
}

/** Returns what the log says about an approver. */
export function approverClaim(row: Omit<Unplaced<ApproverRow>, 'code_used_at'>): NewEntry {
  const { name } = row;
  const details = { name, token: row.token_hash, code: row.code_hash, codeExpiresAt: row.code_expires_at };
  return { type: 'approver-added', at: row.added_at, actor: row.added_by, details };
}

/** Returns what the log says about a browser. */
export function browserClaim(row: Unplaced<BrowserRow>): NewEntry {
  const { name } = row;
  const details = { name, approver: row.approver_leaf, session: row.session_hash, expiresAt: row.expires_at };
  return { type: 'browser-enrolled', at: row.enrolled_at, actor: name, details };
}

/** Returns the SHA-256 of a text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
