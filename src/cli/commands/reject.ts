import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { decidingActor } from '../actor.js';
import { ask } from '../ask.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { findSelections } from '../find-request.js';
import { selectionLines } from '../selection-view.js';
import { withSession } from '../session.js';
import { declined, refuseQuestionInJson, settleSelections } from '../settle.js';

/** Adds `reject`: the change stays on hold, and nobody is asked about it again. */
export function addReject(program: Command, run: Runner): void {
  program
    .command('reject')
    .description('keep a change on hold and ask about it no more; it can still be approved by its number')
    .argument('<request...>', 'numbers of requests')
    .option('--comment <text>', 'kept with the decision')
    .addHelpText('after', EXAMPLES)
    .action(run(reject));
}

const EXAMPLES = `
Examples:
  sealwatch reject 4 --comment "not before the vendor answers"`;

async function reject(cli: Cli, items: readonly string[], options: { readonly comment?: string }): Promise<Outcome> {
  refuseQuestionInJson(cli);
  return withSession(cli, async (session) => {
    const selections = await findSelections(items, session.deps.store);
    const partial = selections.find(({ only }) => only !== undefined);
    if (partial !== undefined)
      throw new SealwatchError('USAGE', `a request is rejected as a whole: sealwatch reject ${partial.request.id}`);
    const actor = await decidingActor(cli, session.deps);
    if (!cli.flags.json)
      for (const selection of selections)
        cli.terminal.change(await selectionLines(selection, session.deps.store, cli.terminal));
    if (!(await ask('Reject this? It stays on hold.', cli))) return declined();
    return settleSelections(selections, { decision: 'reject', actor, comment: options.comment }, session);
  });
}
