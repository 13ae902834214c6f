import { join } from 'node:path';

import type { Command } from 'commander';

import { clientPlaces } from '../../clients/client-places.js';
import { replaceAll } from '../../clients/replacement.js';
import { counted } from '../../render/counted.js';
import { askToEdit } from '../ask-to-edit.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { bytesOf, readClientDocuments, type RefusedFile } from '../client-documents.js';
import { highest } from '../exit-code.js';
import { machineOf } from '../machine.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { type JudgedEntry, selectEntries } from '../select-entries.js';
import { readConfig } from '../session.js';
import type { Terminal } from '../terminal.js';
import { printLeft, printRefused, printReplacements } from '../wrap-lines.js';
import { backupPath, obstacleTo, writeWrapped } from '../wrap-record.js';

const HELP = `
Puts sealwatch run in front of what the clients on this machine start, where the
configuration has the same server: same command, arguments, folder, variables.
All else in the file stays, comments too. Shows what it changes and asks. Beside
the file it keeps FILE.sealwatch-backup and FILE.sealwatch-wrapped, with which
sealwatch unwrap puts it back. TOML and YAML are to be edited by hand: it says
how. Names are of clients (cursor, claude-desktop) or of servers. Exits with 1
where an entry still goes around Sealwatch, with 2 where a file was refused.

Examples:
  sealwatch wrap --dry-run
  sealwatch wrap cursor
  sealwatch wrap github --yes`;

/** Adds `wrap`: makes what clients start go through Sealwatch. */
export function addWrap(program: Command, run: Runner): void {
  program
    .command('wrap')
    .description("put sealwatch run in front of the servers in the clients' files")
    .argument('[names...]', 'clients or servers; all without')
    .option('--dry-run', 'only show what would change')
    .addHelpText('after', HELP)
    .action(run(wrap));
}

interface WrapOptions {
  readonly dryRun?: true;
}

async function wrap(cli: Cli, names: readonly string[], { dryRun }: WrapOptions): Promise<Outcome> {
  const config = readConfig(cli);
  const options = [
    '--config',
    config.file,
    ...(cli.flags.stateDir === undefined ? [] : ['--state-dir', config.stateDir]),
  ];
  const places = clientPlaces(machineOf(cli));
  const found = readClientDocuments(places);
  const judge = { config, main: join(PACKAGE_ROOT, 'dist', 'main.js'), options };
  const selected = selectEntries(found.documents, names, judge);
  const { ready, refused } = sortOut(selected);
  if (!cli.flags.json) for (const one of ready) printReplacements(one, cli.terminal);
  const isWanted = dryRun === true || ready.length === 0 || (await askToEdit(counted(ready.length, 'server'), cli));
  const failed = dryRun === true || !isWanted ? [] : write(ready);
  const isIn = (files: readonly RefusedFile[], { document }: Ready): boolean =>
    files.some(({ file }) => file === document.file);
  return outcomeOf({
    isDry: dryRun === true,
    config: config.file,
    selected,
    wrapped: isWanted ? ready.filter((one) => !isIn(failed, one)) : [],
    refused: [...found.refused, ...refused, ...failed],
    isRefusedByPerson: !isWanted,
  });
}

type Ready = Extract<JudgedEntry, { kind: 'wrap' }>;

function sortOut(selected: readonly JudgedEntry[]): {
  readonly ready: readonly Ready[];
  readonly refused: readonly RefusedFile[];
} {
  const ready = selected.filter((one) => one.kind === 'wrap');
  const refused = new Map<string, RefusedFile>();
  for (const { document } of ready) {
    const why = obstacleTo(document.file, document.read);
    if (why !== undefined) refused.set(document.file, { client: document.client, file: document.file, why });
  }
  return { ready: ready.filter(({ document }) => !refused.has(document.file)), refused: [...refused.values()] };
}

function write(ready: readonly Ready[]): readonly RefusedFile[] {
  return [...new Set(ready.map(({ document }) => document))].flatMap((document) => {
    const { file, client, read, json = '' } = document;
    const entries = ready.filter((one) => one.document === document);
    const text = replaceAll(
      json,
      entries.flatMap(({ replacements }) => replacements),
    );
    const records = entries.map(({ name, server, replacements }) => ({ name, server, replacements }));
    const why = writeWrapped(file, read, bytesOf(document, text), records);
    return why === undefined ? [] : [{ client, file, why }];
  });
}

interface Result {
  readonly isDry: boolean;
  readonly config: string;
  readonly selected: readonly JudgedEntry[];
  readonly wrapped: readonly Ready[];
  readonly refused: readonly RefusedFile[];
  readonly isRefusedByPerson: boolean;
}

function outcomeOf(result: Result): Outcome {
  const { isDry, config, selected, wrapped, refused, isRefusedByPerson } = result;
  const left = selected.filter((one) => one.kind === 'left' || one.kind === 'by-hand');
  const needsPerson = isRefusedByPerson || left.some(({ isDisabled }) => !isDisabled);
  return {
    exitCode: highest([refused.length > 0 ? 2 : 0, needsPerson ? 1 : 0]),
    json: {
      config,
      dryRun: isDry,
      wrapped: wrapped.map((one) => ({ ...placeOf(one), server: one.server })),
      through: selected.filter(({ kind }) => kind === 'through').map(placeOf),
      left: left.map((one) => ({ ...placeOf(one), why: one.kind === 'left' ? one.why : 'to be edited by hand' })),
      refused,
    },
    print: (terminal) => {
      print(result, left, terminal);
    },
  };
}

function placeOf({ document, name }: JudgedEntry): Readonly<Record<string, unknown>> {
  return { client: document.client, file: document.file, name };
}

function print({ isDry, selected, wrapped, refused }: Result, left: readonly JudgedEntry[], terminal: Terminal): void {
  for (const one of left) printLeft(one, terminal);
  printRefused(refused, terminal);
  const through = selected.filter(({ kind }) => kind === 'through').length;
  terminal.line(
    `${counted(wrapped.length, 'server')} ${isDry ? 'would be wrapped' : 'wrapped'}, ${through} through Sealwatch before, ${left.length} left, ${counted(refused.length, 'file')} refused`,
  );
  if (isDry || wrapped.length === 0) return;
  for (const file of new Set(wrapped.map(({ document }) => document.file)))
    terminal.note(`backup: ${backupPath(file)}`);
  terminal.note('sealwatch unwrap puts it back; restart the clients so that they read their files again');
}
