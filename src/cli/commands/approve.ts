import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { decidingActor } from '../actor.js';
import { ask } from '../ask.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { findSelections, type Selection } from '../find-request.js';
import { checkFingerprint } from '../fingerprint-check.js';
import { type OpenRequests, openRequests, printFirstBaseline } from '../first-baseline.js';
import { selectionLines } from '../selection-view.js';
import { selectServers, type Session, withSession } from '../session.js';
import { declined, refuseQuestionInJson, settleSelections } from '../settle.js';
import type { Terminal } from '../terminal.js';

/** Adds `approve`: makes what was shown the baseline. */
export function addApprove(program: Command, run: Runner): void {
  program
    .command('approve')
    .description('approve a change, after showing it; connects to no server')
    .argument('[what...]', 'numbers of requests, or definitions such as github/create_issue')
    .option(
      '--fingerprint <digits>',
      'approve only if it is still this version (or request digest), at least 12 digits',
    )
    .option('--all', 'approve the first state of every server that nothing was ever approved for')
    .option('--server <server>', 'with --all: only this server')
    .option('--comment <text>', 'kept with the approval')
    .addHelpText('after', EXAMPLES)
    .action(run(approve));
}

const EXAMPLES = `
At a terminal it shows the change and asks. Elsewhere it needs the token that
\`sealwatch approver add\` printed, in SEALWATCH_APPROVER_TOKEN.

Examples:
  sealwatch approve 4
  sealwatch approve github/create_issue --fingerprint 3f2a9c01b7de
  sealwatch approve --all              first baselines; says what it will trust`;

interface Options {
  readonly fingerprint?: string;
  readonly all?: true;
  readonly server?: string;
  readonly comment?: string;
}

async function approve(cli: Cli, items: readonly string[], options: Options): Promise<Outcome> {
  checkUsage(items, options);
  refuseQuestionInJson(cli);
  return withSession(cli, (session) =>
    options.all === true ? approveAll(cli, session, options) : approveItems(cli, session, items, options),
  );
}

async function approveItems(cli: Cli, session: Session, items: readonly string[], options: Options): Promise<Outcome> {
  const { deps } = session;
  const selections = await findSelections(items, deps.store);
  const actor = await decidingActor(cli, deps);
  for (const selection of selections) {
    if (options.fingerprint !== undefined) await checkFingerprint(options.fingerprint, selection, actor, deps);
    else refuseUnseen(items, cli);
    if (!cli.flags.json) cli.terminal.change(await selectionLines(selection, deps.store, cli.terminal));
  }
  const question =
    selections.length === 1 ? 'Approve exactly this?' : `Approve exactly these ${selections.length} changes?`;
  if (!(await ask(question, cli))) return declined();
  return settleSelections(selections, { decision: 'approve', actor, comment: options.comment }, session);
}

async function approveAll(cli: Cli, session: Session, options: Options): Promise<Outcome> {
  const servers = selectServers(options.server === undefined ? [] : [options.server], session.config);
  const requests = await openRequests(servers, session.deps);
  if (!cli.flags.json) printRequests(requests, cli.terminal);
  if (requests.first.length === 0) return nothingNew(requests);
  const actor = await decidingActor(cli, session.deps);
  const count = requests.first.length;
  if (!(await ask(`Trust ${count === 1 ? 'this server' : `these ${count} servers`} as listed here?`, cli)))
    return declined();
  const selections = requests.first.map(({ request }): Selection => ({ request, only: undefined }));
  return settleSelections(selections, { decision: 'approve', actor, comment: options.comment }, session);
}

function printRequests({ first, later }: OpenRequests, terminal: Terminal): void {
  if (first.length > 0) terminal.line('About to trust, as the first state of each server:');
  for (const one of first) {
    terminal.line();
    printFirstBaseline(one, terminal);
  }
  if (later.length > 0) {
    terminal.line();
    terminal.line('Left out, because they change what was approved: look at each.');
    for (const { id, server, urgency } of later) terminal.line(`  sealwatch diff ${id}   (${server}, ${urgency})`);
  }
  terminal.line();
}

function nothingNew({ later }: OpenRequests): Outcome {
  return {
    exitCode: later.length > 0 ? 1 : 0,
    json: { decision: null, settled: [] },
    print: (terminal) => {
      terminal.line('No server waits for its first approval.');
    },
  };
}

function checkUsage(items: readonly string[], { all, server, fingerprint }: Options): void {
  const usage = (message: string): never => {
    throw new SealwatchError('USAGE', message);
  };
  if (all === true && items.length > 0) usage('name requests or say --all, not both');
  if (all !== true && items.length === 0) usage('name a request or a definition, or say --all for first baselines');
  if (all !== true && server !== undefined) usage('--server belongs to --all');
  if (fingerprint !== undefined && items.length !== 1) usage('--fingerprint belongs to one request or definition');
}

/** A request's number stands for its content; a name stands for whatever is there by now, which nobody has looked at. */
function refuseUnseen(items: readonly string[], { terminal, flags }: Cli): void {
  const named = items.find((item) => !/^#?\d+$/.test(item));
  if (named === undefined || (terminal.isInteractive && !flags.json)) return;
  throw new SealwatchError(
    'USAGE',
    `${JSON.stringify(named)} without a terminal needs --fingerprint, or the number of the request`,
  );
}
