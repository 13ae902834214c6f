import { createHash } from 'node:crypto';

import type { NewEntry } from './audit-entry.js';
import type {
  ApiTokenRow,
  ApproverRow,
  BrowserRow,
  CommentRow,
  ConsentRow,
  EndorsementRow,
  LinkRow,
  SessionRow,
} from './people-tables.js';
import type { ApprovalRow, RequestRow, WaiverRow } from './tables.js';

/*
 * What each record that grants something says in the audit log. Writing a record appends its claim; reading one derives the
 * claim from the row again and holds it against the log, so that a row made or edited with a plain SQL client counts for nothing.
 */

/** Who acts where no person or policy does. */
export const SEALWATCH = 'sealwatch';

type Unplaced<Row> = Omit<Row, 'tenant' | 'leaf'>;

/**
 * Returns what the log says about a request: which versions it asks for, their texts, and what was told when it opened. A request
 * of store version 1 vouches for its versions only.
 */
export function requestClaim(
  row: Pick<
    RequestRow,
    | 'id'
    | 'server'
    | 'vantage'
    | 'digest'
    | 'provenance'
    | 'target'
    | 'opened_at'
    | 'review'
    | 'texts_digest'
    | 'told_digest'
  >,
): NewEntry {
  const { id, server, vantage, digest, provenance } = row;
  const versions = { request: id, server, vantage, digest, provenance, target: sha256(row.target) };
  const isFirstForm = row.told_digest === null && row.texts_digest === null && row.review === '[]';
  const told = { review: sha256(row.review), texts: row.texts_digest, told: row.told_digest };
  const details = isFirstForm ? versions : { ...versions, ...told };
  return { type: 'request-opened', at: row.opened_at, actor: SEALWATCH, details };
}

/** Returns what the log says about a request that was told anew. */
export function toldAnewClaim(request: number, at: string, told: string): NewEntry {
  return { type: 'request-told-anew', at, actor: SEALWATCH, details: { request, told } };
}

/** Returns what the log says about the first of two approvals. */
export function endorsementClaim(row: Unplaced<EndorsementRow>): NewEntry {
  const { request, digest, name, identity, comment, link } = row;
  const details = { request, digest, name, identity, comment, link };
  return { type: 'request-endorsed', at: row.endorsed_at, actor: row.endorsed_by, details };
}

/** Returns what the log says about a comment. */
export function commentClaim(row: Unplaced<CommentRow>): NewEntry {
  const { request, text } = row;
  return { type: 'comment', at: row.written_at, actor: row.written_by, details: { request, text } };
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

/** Returns what the log says about a session: whose it is, and what that person may do. */
export function sessionClaim(row: Omit<Unplaced<SessionRow>, 'last_used_at'>): NewEntry {
  const { principal, name, how, grants } = row;
  const details = { session: row.session_hash, principal, name, how, grants, expiresAt: row.expires_at };
  return { type: 'signed-in', at: row.started_at, actor: `${name} (${how})`, details };
}

/** Returns what the log says about a person's answer to whether a tool may be called. */
export function consentClaim(
  row: Omit<ConsentRow, 'tenant' | 'leaf' | 'used_at' | 'seal'> & {
    readonly decision: 'given' | 'refused';
    readonly decided_by: string;
    readonly decided_at: string;
  },
): NewEntry {
  const { id, server, tool, version, covers, session, subject, binding } = row;
  const bound = { server, tool, version, covers, session, subject, binding, parameters: sha256(row.parameters) };
  const details = { consent: id, ...bound, expiresAt: row.expires_at };
  return { type: `consent-${row.decision}`, at: row.decided_at, actor: row.decided_by, details };
}

/** Returns what the log says about a token for the JSON API. */
export function apiTokenClaim(row: Unplaced<ApiTokenRow>): NewEntry {
  const { name, grants } = row;
  const details = { name, token: row.token_hash, grants, expiresAt: row.expires_at };
  return { type: 'api-token-added', at: row.added_at, actor: row.added_by, details };
}

/** Returns the SHA-256 of a text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
