import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';

import { z } from 'zod';

import type { Replacement } from '../clients/replacement.js';
import { type ExactFile, readExactly, replaceExactly, writeNew } from './exact-file.js';

/** An entry that was made to go through Sealwatch. */
export interface WrappedEntry {
  readonly name: string;
  readonly server: string;
  readonly replacements: readonly Replacement[];
}

/** What is kept beside a file that was wrapped. Both files may hold the secrets of the first, and have its mode. */
export type Kept =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly record: WrapRecord; readonly recordFile: ExactFile; readonly backup: Buffer }
  | { readonly kind: 'broken'; readonly why: string };

/** Returns where the bytes from before are kept. */
export function backupPath(file: string): string {
  return `${file}.sealwatch-backup`;
}

/** Returns where it is kept what was replaced. */
function recordPath(file: string): string {
  return `${file}.sealwatch-wrapped`;
}

/** Returns what is kept beside a file. A backup that is not the one of its record counts for nothing. */
export function readKept(file: string): Kept {
  const [backup, recordFile] = [readExactly(backupPath(file)), readExactly(recordPath(file))];
  if (backup.kind === 'absent' && recordFile.kind === 'absent') return { kind: 'none' };
  const record = recordFile.kind === 'read' ? parseRecord(recordFile.bytes) : undefined;
  const isWhole = recordFile.kind === 'read' && backup.kind === 'read' && record?.backup === digestOf(backup.bytes);
  return isWhole
    ? { kind: 'kept', record, recordFile, backup: backup.bytes }
    : { kind: 'broken', why: `${backupPath(file)} and ${recordPath(file)} do not belong together: move them away` };
}

/** Whether a file is byte for byte what was written when it was wrapped. */
export function isAsWrapped(bytes: Buffer, { wrote }: WrapRecord): boolean {
  return digestOf(bytes) === wrote;
}

/** Returns why a file must not be wrapped now; `undefined` where it may. */
export function obstacleTo(file: string, read: ExactFile): string | undefined {
  if (read.barrier !== undefined) return read.barrier;
  const kept = readKept(file);
  if (kept.kind === 'broken') return kept.why;
  const isKnown = kept.kind === 'none' || isAsWrapped(read.bytes, kept.record) || kept.backup.equals(read.bytes);
  return isKnown
    ? undefined
    : `it was changed since it was wrapped: run sealwatch unwrap first, or move ${backupPath(file)} and ${recordPath(file)} away`;
}

/** Writes backup and record, then the file. Returns why not; then all is as it was. */
export function writeWrapped(
  file: string,
  read: ExactFile,
  bytes: Buffer,
  entries: readonly WrappedEntry[],
): string | undefined {
  const obstacle = obstacleTo(file, read);
  if (obstacle !== undefined) return obstacle;
  const kept = readKept(file);
  if (kept.kind === 'kept' && !kept.backup.equals(read.bytes)) return extend(file, read, bytes, entries, kept);
  // A wrap that ended before it had written the file.
  if (kept.kind === 'kept') forget(file);
  const record = recordText({ version: 1, backup: digestOf(read.bytes), wrote: digestOf(bytes), entries });
  const unkept = writeNew(backupPath(file), read, read.bytes);
  if (unkept !== undefined) return unkept;
  const failure = writeNew(recordPath(file), read, record) ?? replaceExactly(file, read, bytes);
  if (failure !== undefined) forget(file);
  return failure;
}

/** The backup stays that from before the first time. */
function extend(
  file: string,
  read: ExactFile,
  bytes: Buffer,
  entries: readonly WrappedEntry[],
  { record, recordFile }: Extract<Kept, { kind: 'kept' }>,
): string | undefined {
  const longer = recordText({ ...record, wrote: digestOf(bytes), entries: [...record.entries, ...entries] });
  const failure = replaceExactly(recordPath(file), recordFile, longer);
  if (failure !== undefined) return failure;
  const unwritten = replaceExactly(file, read, bytes);
  if (unwritten !== undefined) replaceExactly(recordPath(file), { ...recordFile, bytes: longer }, recordFile.bytes);
  return unwritten;
}

/** Removes what is kept beside a file. */
export function forget(file: string): void {
  for (const path of [recordPath(file), backupPath(file)]) if (readExactly(path).kind !== 'absent') unlinkSync(path);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}

const REPLACEMENT = z.strictObject({
  path: z.array(z.union([z.string(), z.number()])),
  before: z.string().nullable(),
  after: z.string().refine(isJson),
});
const RECORD = z.strictObject({
  version: z.literal(1),
  backup: z.string(),
  wrote: z.string(),
  entries: z.array(z.strictObject({ name: z.string(), server: z.string(), replacements: z.array(REPLACEMENT) })),
});

/** `backup` and `wrote`: SHA-256, as hex. */
export interface WrapRecord {
  readonly version: 1;
  readonly backup: string;
  readonly wrote: string;
  readonly entries: readonly WrappedEntry[];
}

function parseRecord(bytes: Buffer): WrapRecord | undefined {
  try {
    return RECORD.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // What is no record is told by the caller, as broken.
    return undefined;
  }
}

function recordText(record: WrapRecord): Buffer {
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
