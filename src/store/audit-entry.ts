import { hash } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import type { AuditEntry, AuditType } from '../model/audit.js';
import type { JsonObject } from '../model/json.js';
import { leafHash } from './merkle-tree.js';
import type { AuditRow } from './tables.js';

/** What is to be written to the log. */
export interface NewEntry {
  readonly at: string;
  readonly type: AuditType;
  readonly actor: string;
  readonly details: JsonObject;
  /** Position of the entry whose grant this one ends. It stands in the leaf itself, so that erasing details hides no ending. */
  readonly ends?: number | undefined;
}

/** An entry in the form that is stored. */
export type StoredEntry = Omit<AuditRow, 'tenant'>;

/** Returns an entry in the form that is stored, with a leaf that holds only a salted digest of its details. */
export function sealEntry(position: number, entry: NewEntry, salt: Uint8Array): StoredEntry {
  const { at, type, actor, ends = null } = entry;
  const details = JSON.stringify(entry.details);
  const saltHex = Buffer.from(salt).toString('hex');
  const unhashed = { position, at, type, actor, digest: detailsDigest(saltHex, details), ends };
  return { ...unhashed, leaf_hash: entryHash(unhashed).toString('hex'), details, salt: saltHex };
}

/** Returns the hash of an entry's leaf, computed from what the row says now. */
export function entryHash(row: Pick<AuditRow, 'position' | 'at' | 'type' | 'actor' | 'digest' | 'ends'>): Buffer {
  const { position, at, type, actor, digest, ends } = row;
  const leaf = { index: position, at, type, actor, digest, ...(ends === null ? {} : { ends }) };
  return leafHash(Buffer.from(JSON.stringify(leaf)));
}

/** Returns whether the details are those that were recorded; erased ones say nothing false. */
export function hasItsDetails({ details, salt, digest }: AuditRow): boolean {
  if (details === null) return true;
  return salt !== null && detailsDigest(salt, details) === digest;
}

/** Returns an entry as it is shown. */
export function toAuditEntry(row: AuditRow): AuditEntry {
  const { position, at, type, actor, details } = row;
  return {
    index: position,
    at,
    type: type as AuditType,
    actor,
    details: details === null ? undefined : (JSON.parse(details) as JsonObject),
  };
}

/** Returns one text for everything that an entry grants, so that a row can be held against it. */
export function claimText({ type, at, actor, details }: Pick<NewEntry, 'type' | 'at' | 'actor' | 'details'>): string {
  return JSON.stringify([type, at, actor, JSON.stringify(details)]);
}

/** Returns the {@link claimText} of a stored entry; `undefined` where the details were erased. */
export function storedClaim({ type, at, actor, details }: StoredEntry): string | undefined {
  return details === null ? undefined : JSON.stringify([type, at, actor, details]);
}

/** Returns the error for a log that is not what was recorded. */
export function brokenLog(what: string): SealwatchError {
  return new SealwatchError('AUDIT_BROKEN', `${what}: run \`sealwatch audit verify\``);
}

function detailsDigest(salt: string, details: string): string {
  return hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(details)]), 'hex');
}
