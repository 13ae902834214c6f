import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { actorText } from '../../model/change-request.js';
import { addApprover as enlist, listApprovers } from '../../monitor/approver.js';
import type { MonitorDeps } from '../../monitor/deps.js';
import { quote } from '../../quote.js';
import { decidingActor, TOKEN_VARIABLE, userName } from '../actor.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { moment } from '../moment.js';
import { withSession } from '../session.js';
import { tableLines } from '../table.js';
import { pageUrl } from '../page-url.js';

/** Adds `approver add|list|remove`. */
export function addApprover(program: Command, run: Runner): void {
  const approver = program.command('approver').description('who may approve without a terminal');
  approver
    .command('add')
    .description('add an approver; prints a token and a one-time code for a browser, once')
    .argument('<name>', 'letters, digits and . _ @ - ; it stands in every record')
    .addHelpText('after', ADD_EXAMPLES)
    .action(run(add));
  approver
    .command('list')
    .description('list the approvers')
    .addHelpText('after', '\nExamples:\n  sealwatch approver list')
    .action(run(list));
  approver
    .command('remove')
    .description('end the token, codes and browsers of an approver; earlier approvals stay')
    .argument('<name>', 'the approver')
    .addHelpText('after', '\nExamples:\n  sealwatch approver remove alice')
    .action(run(remove));
}

const ADD_EXAMPLES = `
The first approver can be added from anywhere; later ones at a terminal or with
the token of an approver.

Examples:
  sealwatch approver add alice`;

async function add(cli: Cli, name: string): Promise<Outcome> {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u.test(name))
    throw new SealwatchError('USAGE', `not a name for an approver: ${quote(name, 80)} (letters, digits and . _ @ -)`);
  return withSession(cli, async ({ config, deps }) => {
    const { token, code, codeExpiresAt } = await enlist(name, await adder(cli, deps), deps);
    const enrolUrl = `${pageUrl(config.serve)}/enrol`;
    return {
      exitCode: 0,
      json: { name, token, code, codeExpiresAt, enrolUrl },
      print: (terminal) => {
        terminal.line(`Added ${name}. What follows is shown once and is not stored.`);
        terminal.line();
        terminal.line(`Token for the command line, in ${TOKEN_VARIABLE}:`);
        terminal.line(`  ${token}`);
        terminal.line();
        terminal.line(`To enrol a browser while \`sealwatch serve\` runs, until ${moment(codeExpiresAt)}:`);
        terminal.line(`  open ${enrolUrl}`);
        terminal.line(`  and enter ${terminal.paint.bold(code)}`);
      },
    };
  });
}

async function list(cli: Cli): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    const approvers = await listApprovers(deps);
    return {
      exitCode: 0,
      json: { approvers },
      print: (terminal) => {
        if (approvers.length === 0) {
          terminal.line('There is no approver yet: sealwatch approver add NAME');
          return;
        }
        const columns = [{ title: 'NAME' }, { title: 'BROWSERS', align: 'right' }, { title: 'ADDED' }] as const;
        const rows = approvers.map(({ name, browsers, addedAt }) =>
          [name, String(browsers), moment(addedAt)].map((text) => ({ text })),
        );
        for (const line of tableLines(columns, rows, terminal.width)) terminal.line(line);
      },
    };
  });
}

async function remove(cli: Cli, name: string): Promise<Outcome> {
  return withSession(cli, async ({ deps }) => {
    const actor = await decidingActor(cli, deps);
    await deps.store.removeApprover(name, deps.clock.now().toISOString(), actorText(actor));
    return {
      exitCode: 0,
      json: { removed: name },
      print: (terminal) => {
        terminal.line(`Removed ${name}: token, codes and browsers are worth nothing from now on.`);
      },
    };
  });
}

/** Somebody has to be the first; after that, who adds approvers must be able to approve, or the token would protect nothing. */
async function adder(cli: Cli, deps: MonitorDeps): Promise<string> {
  const others = await listApprovers(deps);
  if (others.length > 0) return actorText(await decidingActor(cli, deps));
  return `${userName()} (${cli.terminal.isInteractive ? 'terminal' : 'no terminal, first approver'})`;
}
