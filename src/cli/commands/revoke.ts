import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { formatRef, parseRef } from '../../integrity/definition-ref.js';
import type { RefText } from '../../model/definition.js';
import { revokeApprovals } from '../../monitor/approve.js';
import { VANTAGE } from '../../monitor/deps.js';
import { quote } from '../../quote.js';
import { decidingActor } from '../actor.js';
import { ask } from '../ask.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { visibleRef } from '../held-lines.js';
import { type Session, withSession } from '../session.js';
import { refuseQuestionInJson } from '../settle.js';

/** Adds `revoke`: ends approvals. */
export function addRevoke(program: Command, run: Runner): void {
  program
    .command('revoke')
    .description('end approvals: the definitions are on hold from now on')
    .argument('<what...>', 'definitions, or servers for everything of them')
    .requiredOption('--reason <text>', 'kept with the decision')
    .addHelpText('after', EXAMPLES)
    .action(run(revoke));
}

const EXAMPLES = `
Examples:
  sealwatch revoke github/create_issue --reason "CVE in the server"
  sealwatch revoke github --reason "new owner"`;

async function revoke(cli: Cli, items: readonly string[], options: { readonly reason: string }): Promise<Outcome> {
  refuseQuestionInJson(cli);
  return withSession(cli, async (session) => {
    const refTexts = await approvedRefs(items, session);
    const actor = await decidingActor(cli, session.deps);
    if (!cli.flags.json) for (const refText of refTexts) cli.terminal.line(`  ${visibleRef(refText)}`);
    const isMeant = await ask(
      `End ${refTexts.length === 1 ? 'this approval' : `these ${refTexts.length} approvals`}?`,
      cli,
    );
    if (isMeant) await revokeApprovals(refTexts, { actor, comment: options.reason }, session.servers, session.deps);
    return {
      exitCode: isMeant ? 0 : 1,
      json: { revoked: isMeant ? refTexts : [] },
      print: (terminal) => {
        terminal.line(isMeant ? `Revoked ${refTexts.length}: on hold until approved anew.` : 'Nothing was decided.');
      },
    };
  });
}

async function approvedRefs(items: readonly string[], { deps, servers }: Session): Promise<readonly RefText[]> {
  const found: RefText[] = [];
  for (const item of items) {
    const server = servers.find(({ id }) => id === item)?.id ?? parseRef(item).server;
    const { approved } = (await deps.store.loadStanding(server, VANTAGE)).baseline;
    const wanted =
      server === item ? [...approved.keys()] : [formatRef(parseRef(item))].filter((ref) => approved.has(ref));
    if (wanted.length === 0) throw new SealwatchError('NOT_FOUND', `nothing of ${quote(item)} is approved`);
    found.push(...wanted);
  }
  return [...new Set(found)];
}
