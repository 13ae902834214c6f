import { SealwatchError } from '../errors.js';
import { ask } from './ask.js';
import type { Cli } from './cli.js';

/**
 * Returns whether a person wants files of their clients to be edited.
 *
 * @throws {SealwatchError} `USAGE` where nobody can be asked: these files are somebody else's, so silence is no yes.
 */
export async function askToEdit(what: string, cli: Cli): Promise<boolean> {
  if (cli.flags.yes) return true;
  if (cli.flags.json || !cli.terminal.isInteractive)
    throw new SealwatchError('USAGE', `nobody can be asked about ${what}: add --yes, or --dry-run to look only`);
  return await ask(`Edit ${what}?`, cli);
}
