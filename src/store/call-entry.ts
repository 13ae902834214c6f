import { hash } from 'node:crypto';

import type { CallAnswered, CallAsked, CallRecord } from '../model/call.js';
import { leafHash } from './merkle-tree.js';

/** One entry of the log of calls: a call, or what became of one. */
export interface CallRow {
  readonly position: number;
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
  readonly salt: string;
  /** JSON */
  readonly details: string;
}

/** An entry before it has a place in the log. */
export type NewCallRow = Omit<CallRow, 'position'>;

/** Returns the row of a call. */
export function askedRow(asked: CallAsked, salt: Uint8Array): NewCallRow {
  const { at, server, subject, name, decision } = asked;
  return { at, type: 'asked', call: null, server, subject, name, decision, ...sealed(asked, salt) };
}

/** Returns the row of what became of a call. */
export function answeredRow(call: number, answer: CallAnswered, salt: Uint8Array): NewCallRow {
  const columns = { server: null, subject: null, name: null, decision: null };
  return { at: answer.at, type: 'answered', call, ...columns, ...sealed({ call, ...answer }, salt) };
}

function sealed(details: object, salt: Uint8Array): Pick<CallRow, 'digest' | 'salt' | 'details'> {
  const text = JSON.stringify(details);
  const saltHex = Buffer.from(salt).toString('hex');
  return { details: text, salt: saltHex, digest: digestOf(saltHex, text) };
}

function digestOf(salt: string, details: string): string {
  return hash('sha256', `${salt}\n${details}`, 'hex');
}

/** Returns the hash of an entry's leaf, computed from what the row says now. */
export function callLeaf({ position, at, type, digest }: CallRow): Buffer {
  return leafHash(Buffer.from(JSON.stringify({ index: position, at, type, digest })));
}

/** Returns whether the columns that are searched, and the content, are those that were written. */
export function isGenuine(row: CallRow): boolean {
  if (digestOf(row.salt, row.details) !== row.digest) return false;
  const said = JSON.parse(row.details) as Partial<CallAsked> & { readonly call?: number };
  const columns = [row.at, row.server, row.subject, row.name, row.decision, row.call];
  const { at, server = null, subject = null, name = null, decision = null, call = null } = said;
  return JSON.stringify(columns) === JSON.stringify([at, server, subject, name, decision, call]);
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
