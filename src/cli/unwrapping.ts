import { readOurCommand } from '../clients/read-our-command.js';
import { isReplaced, putBack, replaceAll, type Replacement, textAt } from '../clients/replacement.js';
import { bytesOf, type ClientDocument } from './client-documents.js';
import { replaceExactly } from './exact-file.js';
import { backupPath, forget, isAsWrapped, type Kept, readKept, type WrappedEntry } from './wrap-record.js';

/** What it takes to put a file back. `left`: entries that go on starting `sealwatch run`, by name. */
export type Unwrapping = { readonly left: readonly string[] } & (
  | {
      readonly kind: 'ready';
      readonly bytes: Buffer;
      /** Whether it becomes byte for byte what it was. */
      readonly isExact: boolean;
      /** Of the entries that are put back. */
      readonly names: readonly string[];
      /** To be shown. */
      readonly replacements: readonly Replacement[];
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly why: string }
);

/** Returns how a client's file becomes what it was before it was wrapped. */
export function planUnwrap(document: ClientDocument): Unwrapping {
  const { file, read, json } = document;
  const ours = document.entries.filter(({ server }) => readOurCommand(server.target)?.server !== undefined);
  const names = ours.map(({ server }) => server.name);
  const kept: Kept = json === undefined ? { kind: 'none' } : readKept(file);
  if (kept.kind === 'broken') return { kind: 'refused', why: kept.why, left: names };
  if (kept.kind === 'none') return { kind: 'nothing', left: names };
  if (read.barrier !== undefined) return { kind: 'refused', why: read.barrier, left: names };
  const { record, backup } = kept;
  const others = (known: readonly WrappedEntry[]): readonly string[] =>
    ours.filter(({ path }) => !known.some((one) => isAt(one, path))).map(({ server }) => server.name);
  if (backup.equals(read.bytes) || isAsWrapped(read.bytes, record))
    return exactly(document, kept, others(record.entries));
  const intact = record.entries.filter(({ replacements }) => isReplaced(json ?? '', replacements));
  const replacements = intact.flatMap((one) => one.replacements);
  const left = others(intact);
  return intact.length === 0 && left.length > 0
    ? { kind: 'nothing', left }
    : {
        kind: 'ready',
        bytes: bytesOf(document, putBack(json ?? '', replacements)),
        isExact: false,
        names: intact.map(({ name }) => name),
        replacements,
        left,
      };
}

function exactly(document: ClientDocument, { record, backup }: WhatIsKept, left: readonly string[]): Unwrapping {
  const { read } = document;
  const before = new TextDecoder().decode(backup);
  const all = record.entries.flatMap(({ replacements }) => replacements);
  // Attack: a backup with more in it than what is shown, in a project that comes with both files.
  if (!backup.equals(read.bytes) && !bytesOf(document, replaceAll(before, all)).equals(read.bytes))
    return { kind: 'refused', why: `${backupPath(document.file)} differs in more than what was replaced`, left };
  const replacements = backup.equals(read.bytes)
    ? []
    : all.map(({ path, after }) => ({ path, before: textAt(before, path) ?? null, after }));
  return {
    kind: 'ready',
    bytes: backup,
    isExact: true,
    names: record.entries.map(({ name }) => name),
    replacements,
    left,
  };
}

type WhatIsKept = Extract<Kept, { kind: 'kept' }>;

/** Puts a file back; what was kept is removed once nothing in it starts `sealwatch run`, or it is as it was. Returns why not. */
export function writeUnwrapped(
  { file, read }: ClientDocument,
  { bytes, isExact, left }: Extract<Unwrapping, { kind: 'ready' }>,
): string | undefined {
  const failure = bytes.equals(read.bytes) ? undefined : replaceExactly(file, read, bytes);
  if (failure === undefined && (isExact || left.length === 0)) forget(file);
  return failure;
}

function isAt({ replacements }: WrappedEntry, path: readonly (string | number)[]): boolean {
  return replacements.some((one) => path.every((part, index) => one.path[index] === part));
}
