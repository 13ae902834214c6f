import type { Command } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import { printRequest } from '../held-lines.js';
import { printHints } from '../hints.js';
import { standingRejections } from '../find-request.js';
import { requestJson } from '../../render/request-json.js';
import { withSession } from '../session.js';

/** Adds `pending`: what waits for a decision. */
export function addPending(program: Command, run: Runner): void {
  program
    .command('pending')
    .description('list the change requests that wait for a decision, and the rejected ones')
    .addHelpText('after', EXAMPLES)
    .action(run(pending));
}

const EXAMPLES = `
Examples:
  sealwatch pending            exit code 1 while something waits
  sealwatch pending --json`;

async function pending(cli: Cli): Promise<Outcome> {
  return withSession(cli, async ({ deps, servers }) => {
    const open = await deps.store.listRequests({ states: ['open'] });
    const rejected = await standingRejections(servers, deps);
    return {
      exitCode: open.length > 0 ? 1 : 0,
      json: { open: open.map(requestJson), rejected: rejected.map(requestJson) },
      print: (terminal) => {
        if (open.length === 0) terminal.line(terminal.paint.green('Nothing waits for a decision.'));
        for (const [index, request] of open.entries()) {
          if (index > 0) terminal.line();
          printRequest(request, terminal);
        }
        if (rejected.length > 0) {
          const list = rejected.map(({ id, server }) => `${id} (${server})`).join(', ');
          terminal.line(terminal.paint.dim(`Rejected and still on hold: ${list}`));
        }
        const [first] = open;
        if (first === undefined) return;
        printHints(
          [
            [`sealwatch diff ${first.id}`, 'shows the exact change'],
            [`sealwatch approve ${first.id}`, 'shows it and asks'],
            [`sealwatch reject ${first.id}`, 'keeps it on hold and asks no more'],
          ],
          terminal,
        );
      },
    };
  });
}
