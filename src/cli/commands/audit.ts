import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Command } from 'commander';

import { messageOf, SealwatchError } from '../../errors.js';
import { makeVisible } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { withStoreToRead } from '../session.js';

/** Adds `audit verify`. A broken log is exit code 1: the check worked, and its answer needs a person. */
export function addAudit(program: Command, run: Runner): void {
  const audit = program.command('audit').description('the audit log');
  audit
    .command('verify')
    .description('check that the audit log is whole: no entry edited, removed, reordered or cut off')
    .option('--checkpoint <file>', 'a checkpoint that was kept elsewhere; the log must still begin with it')
    .addHelpText('after', EXAMPLES)
    .action(run(verify));
}

const EXAMPLES = `
Exit code 1 when the log is broken. Keep checkpoints on another machine: one
that is given here also detects a log that was cut and signed anew.

Examples:
  sealwatch audit verify
  sealwatch audit verify --checkpoint /mnt/elsewhere/checkpoint.txt`;

async function verify(cli: Cli, options: { readonly checkpoint?: string }): Promise<Outcome> {
  const checkpoint =
    options.checkpoint === undefined ? undefined : readCheckpoint(resolve(cli.io.cwd(), options.checkpoint));
  return withStoreToRead(cli, async (store) => {
    const verdict = await store.verifyAudit(checkpoint);
    switch (verdict.kind) {
      case 'intact':
        return {
          exitCode: 0,
          json: {
            intact: true,
            size: verdict.size,
            rootHash: verdict.rootHash,
            checkpoint: verdict.checkpoint,
            problems: [],
          },
          print: (terminal) => {
            terminal.line(
              `${terminal.paint.green('The audit log is intact')}: ${verdict.size} entries, root ${verdict.rootHash}`,
            );
            terminal.line(terminal.paint.dim(makeCheckpoint(verdict.checkpoint)));
          },
        };
      case 'broken':
        return {
          exitCode: 1,
          json: { intact: false, size: null, rootHash: null, checkpoint: null, problems: verdict.problems },
          print: (terminal) => {
            terminal.line(terminal.paint.red('The audit log is broken:'));
            for (const problem of verdict.problems) terminal.line(`  ${makeVisible(problem)}`);
          },
        };
    }
  });
}

function makeCheckpoint(checkpoint: string): string {
  return checkpoint.trimEnd();
}

function readCheckpoint(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SealwatchError('CHECKPOINT_INVALID', `cannot read the checkpoint: ${messageOf(cause)}`, { cause });
  }
}
