import { readOurCommand } from '../clients/read-our-command.js';
import { isReplaced, putBack } from '../clients/replacement.js';
import { bytesOf, type ClientDocument } from './client-documents.js';
import { replaceExactly } from './exact-file.js';
import { forget, isAsWrapped, type Kept, readKept, type WrappedEntry } from './wrap-record.js';

/** What it takes to put a file back. `left`: entries that go on starting `sealwatch run`, by name. */
export type Unwrapping = { readonly left: readonly string[] } & (
  | {
      readonly kind: 'ready';
      readonly bytes: Buffer;
      /** Whether it becomes byte for byte what it was. */
      readonly isExact: boolean;
      /** Of the entries that are put back. */
      readonly names: readonly string[];
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
  const wrapped = record.entries.map(({ name }) => name);
  if (isAsWrapped(read.bytes, record) || backup.equals(read.bytes))
    return { kind: 'ready', bytes: backup, isExact: true, names: wrapped, left: others(record.entries) };
  const intact = record.entries.filter(({ replacements }) => isReplaced(json ?? '', replacements));
  const text = putBack(
    json ?? '',
    intact.flatMap(({ replacements }) => replacements),
  );
  const left = others(intact);
  return intact.length === 0 && left.length > 0
    ? { kind: 'nothing', left }
    : { kind: 'ready', bytes: bytesOf(document, text), isExact: false, names: intact.map(({ name }) => name), left };
}

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
