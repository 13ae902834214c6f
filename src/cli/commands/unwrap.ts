import type { Command } from 'commander';

import { clientPlaces } from '../../clients/client-places.js';
import { counted } from '../../render/counted.js';
import { askToEdit } from '../ask-to-edit.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ClientDocument, readClientDocuments, type RefusedFile } from '../client-documents.js';
import { highest } from '../exit-code.js';
import { machineOf } from '../machine.js';
import type { Terminal } from '../terminal.js';
import { printHeading, printRefused, printReturn } from '../wrap-lines.js';
import { type Unwrapping, planUnwrap, writeUnwrapped } from '../unwrapping.js';
import { backupPath } from '../wrap-record.js';

const HELP = `
Takes away what sealwatch wrap has put in front of the servers in the clients'
files. A file that is byte for byte as wrap wrote it becomes byte for byte what
it was. In one that was changed since, only the entries that were wrapped get
their command and arguments back. Looks at the files of the user, and those of
projects here and in the folders above. Exits with 1 where an entry still goes
through Sealwatch, with 2 where a file was refused.

Examples:
  sealwatch unwrap --dry-run
  sealwatch unwrap
  sealwatch unwrap --yes`;

/** Adds `unwrap`: puts the files of clients back as they were. */
export function addUnwrap(program: Command, run: Runner): void {
  program
    .command('unwrap')
    .description("take sealwatch run away again from the clients' files")
    .option('--dry-run', 'only show what would change')
    .addHelpText('after', HELP)
    .action(run(unwrap));
}

async function unwrap(cli: Cli, { dryRun }: { readonly dryRun?: true }): Promise<Outcome> {
  const found = readClientDocuments(clientPlaces(machineOf(cli)));
  const plans = found.documents.map((document) => ({ document, unwrapping: planUnwrap(document) }));
  const ready = plans.flatMap(({ document, unwrapping }) =>
    unwrapping.kind === 'ready' ? [{ ...unwrapping, document }] : [],
  );
  const refused = plans.flatMap(({ document, unwrapping }) =>
    unwrapping.kind === 'refused' ? [{ client: document.client, file: document.file, why: unwrapping.why }] : [],
  );
  const left = plans.flatMap(({ document, unwrapping }) => unwrapping.left.map((name) => ({ document, name })));
  if (!cli.flags.json) for (const one of ready) printPlan(one, cli.terminal);
  const isDry = dryRun === true;
  const isWanted = isDry || ready.length === 0 || (await askToEdit(counted(ready.length, 'file'), cli));
  const failed = isDry || !isWanted ? [] : ready.flatMap(write);
  const done = isWanted ? ready.filter(({ document }) => !failed.some(({ file }) => file === document.file)) : [];
  const untouched = [...found.refused, ...refused, ...failed];
  return {
    exitCode: highest([untouched.length > 0 ? 2 : 0, left.length > 0 || !isWanted ? 1 : 0]),
    json: {
      dryRun: isDry,
      unwrapped: done.map(({ document, isExact, names }) => ({
        client: document.client,
        file: document.file,
        exact: isExact,
        names,
      })),
      left: left.map(({ document, name }) => ({ client: document.client, file: document.file, name })),
      refused: untouched,
    },
    print: (terminal) => {
      for (const { document, name } of left) printLeft(document, name, terminal);
      printRefused(untouched, terminal);
      terminal.line(
        `${counted(done.length, 'file')} ${isDry ? 'would be put back' : 'put back'}, ${counted(left.length, 'server')} left, ${counted(untouched.length, 'file')} refused`,
      );
    },
  };
}

type Ready = Extract<Unwrapping, { kind: 'ready' }> & { readonly document: ClientDocument };

function write({ document, ...plan }: Ready): readonly RefusedFile[] {
  const { client, file } = document;
  const why = writeUnwrapped(document, plan);
  return why === undefined ? [] : [{ client, file, why }];
}

function printPlan({ document, isExact, names, replacements }: Ready, terminal: Terminal): void {
  printHeading(document, names.join(', '), terminal);
  terminal.line(
    isExact
      ? '  becomes byte for byte what it was before'
      : '  was changed since: these entries get their command and arguments back',
  );
  printReturn(replacements, terminal);
}

function printLeft(document: ClientDocument, name: string, terminal: Terminal): void {
  printHeading(document, name, terminal);
  terminal.line(`  left as it is: edit it by hand; what was kept of a wrapped file is in ${backupPath(document.file)}`);
  terminal.line();
}
