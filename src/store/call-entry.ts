import { hash } from 'node:crypto';

import type { CallAnswered, CallAsked, CallRecord } from '../model/call.js';
import { leafHash } from './merkle-tree.js';

/** One entry of the log of calls as it was written: a call, or what became of one. */
export interface CallEntry {
  readonly position: number;
  readonly salt: string;
  /** JSON */
  readonly details: string;
}

/** The same entry as it is kept and searched. */
export interface CallRow extends CallEntry {
  readonly at: string;
  readonly type: 'asked' | 'answered';
  /** The entry that an answer is about. */
  readonly call: number | null;
  readonly server: string | null;
  readonly subject: string | null;
  readonly name: string | null;
  readonly decision: string | null;
  /** SHA-256, hex, of salt and details. */
  readonly digest: string;
}

/** What of an entry is in the tree. */
export type CallLeaf = Pick<CallRow, 'position' | 'at' | 'type' | 'digest'>;

/** Returns the details of a call. */
export function askedDetails(asked: CallAsked): string {
  return JSON.stringify(asked);
}

/** Returns the details of what became of a call. */
export function answeredDetails(call: number, answer: CallAnswered): string {
  return JSON.stringify({ call, ...answer });
}

/** Returns the row of an entry. */
export function rowOf({ position, salt, details }: CallEntry): CallRow {
  const said = saidIn(details);
  const type = said.call === null ? 'asked' : 'answered';
  return { position, type, ...said, digest: digestOf(salt, details), salt, details };
}

/** What of the details has columns of its own. */
function saidIn(details: string): Pick<CallRow, 'at' | 'call' | 'server' | 'subject' | 'name' | 'decision'> {
  const said = JSON.parse(details) as Partial<CallAsked> & { readonly call?: number };
  const { at = '', call = null, server = null, subject = null, name = null, decision = null } = said;
  return { at, call, server, subject, name, decision };
}

function digestOf(salt: string, details: string): string {
  return hash('sha256', `${salt}\n${details}`, 'hex');
}

/** Returns the hash of an entry's leaf, computed from what the row says now. */
export function callLeaf({ position, at, type, digest }: CallLeaf): Buffer {
  return leafHash(Buffer.from(JSON.stringify({ index: position, at, type, digest })));
}

/** Returns whether the columns that are searched, and the content, are those that were written. */
export function isGenuine(row: CallRow): boolean {
  if (digestOf(row.salt, row.details) !== row.digest) return false;
  const { at, call, server, subject, name, decision } = row;
  return JSON.stringify({ at, call, server, subject, name, decision }) === JSON.stringify(saidIn(row.details));
}

/** Returns a call as it is shown. */
export function toCallRecord(position: number, asked: string, answered: string | null): CallRecord {
  const call = JSON.parse(asked) as CallAsked;
  return { index: position, ...call, ...missing(call), answer: answered === null ? undefined : toAnswer(answered) };
}

/** What is `undefined` is not in JSON. */
function missing({ client, version, code }: CallAsked): Pick<CallAsked, 'client' | 'version' | 'code'> {
  return { client, version, code };
}

function toAnswer(text: string): CallAnswered {
  const { at, outcome, code, durationMs, bytes, digest } = JSON.parse(text) as CallAnswered;
  return { at, outcome, code, durationMs, bytes, digest };
}
