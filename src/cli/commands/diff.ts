import type { Command } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import { findSelection } from '../find-request.js';
import { printHints } from '../hints.js';
import { requestJson } from '../../render/request-json.js';
import { selectionLines } from '../selection-view.js';
import { withSession } from '../session.js';

/** Adds `diff`: the exact change that a request asks about. */
export function addDiff(program: Command, run: Runner): void {
  program
    .command('diff')
    .description('show the exact change that waits for a decision')
    .argument('<what>', 'number of a request, a server, or a definition such as github/create_issue')
    .addHelpText('after', EXAMPLES)
    .action(run(diff));
}

const EXAMPLES = `
Examples:
  sealwatch diff 4
  sealwatch diff github/create_issue
  sealwatch diff github/prompt/review`;

async function diff(cli: Cli, what: string): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    const selection = await findSelection(what, deps.store);
    const { request, only } = selection;
    const lines = await selectionLines(selection, deps.store, cli.terminal);
    return {
      exitCode: request.state === 'open' ? 1 : 0,
      json: { request: requestJson(request), only: only ?? null, lines },
      print: (terminal) => {
        terminal.change(lines);
        if (request.state === 'open')
          printHints(
            [
              [`sealwatch approve ${what}`, 'asks first'],
              [`sealwatch reject ${request.id}`, 'keeps it on hold'],
            ],
            terminal,
          );
      },
    };
  });
}
