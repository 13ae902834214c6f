import type { Replacement } from '../clients/replacement.js';
import { makeVisible, makeVisibleLines } from '../quote.js';
import { maskSecrets } from '../render/mask-secrets.js';
import type { RefusedFile } from './client-documents.js';
import type { JudgedEntry } from './select-entries.js';
import type { Terminal } from './terminal.js';

/** Prints what is replaced in an entry, and nothing else of its file: there are secrets in it. */
export function printReplacements(
  { document, name, replacements }: Extract<JudgedEntry, { kind: 'wrap' }>,
  terminal: Terminal,
): void {
  printHeading(document, name, terminal);
  printDifference(
    replacements.map(({ path, before, after }) => ({ path, from: before, to: after })),
    terminal,
  );
}

/** Prints what is put back. */
export function printReturn(replacements: readonly Replacement[], terminal: Terminal): void {
  printDifference(
    replacements.map(({ path, before, after }) => ({ path, from: after, to: before })),
    terminal,
  );
}

interface Difference {
  readonly path: Replacement['path'];
  readonly from: string | null;
  readonly to: string | null;
}

function printDifference(differences: readonly Difference[], { line, paint }: Terminal): void {
  for (const { path, from } of differences) for (const row of rows(path, from)) line(paint.red(`- ${row}`));
  for (const { path, to } of differences) for (const row of rows(path, to)) line(paint.green(`+ ${row}`));
  line();
}

/** Prints why an entry is left as it is, and how it can be edited by hand. */
export function printLeft(one: JudgedEntry, terminal: Terminal): void {
  if (one.kind !== 'left' && one.kind !== 'by-hand') return;
  printHeading(one.document, one.name, terminal);
  if (one.kind === 'left') terminal.line(terminal.paint.magenta(`  left as it is: ${makeVisible(one.why)}`));
  else {
    const [command, ...args] = one.words;
    terminal.line(`  Sealwatch does not edit this format. Write by hand, and keep the rest of the entry:`);
    terminal.line(`  command ${JSON.stringify(command)}`);
    terminal.line(`  args    [${args.map((word) => JSON.stringify(word)).join(', ')}]`);
  }
  terminal.line();
}

/** Prints which files were not touched. */
export function printRefused(refused: readonly RefusedFile[], { line, paint }: Terminal): void {
  for (const { client, file, why } of refused)
    line(paint.magenta(`${client}: not edited: ${makeVisible(file)}: ${makeVisible(why)}`));
}

/** Prints which entry of which file it is about. */
export function printHeading(
  { client, file }: Pick<RefusedFile, 'client' | 'file'>,
  name: string,
  terminal: Terminal,
): void {
  terminal.line(`${terminal.paint.bold(makeVisible(name))}  ${client} ${makeVisible(file)}`);
}

function rows(path: Replacement['path'], value: string | null): readonly string[] {
  if (value === null) return [];
  const text = maskSecrets(`${JSON.stringify(path.at(-1))}: ${value}`);
  return text.split(/\r?\n/).map((row) => makeVisibleLines(row).replaceAll('\t', '  '));
}
