import { type Command, InvalidArgumentError } from 'commander';

import { SealwatchError } from '../../errors.js';
import type { CallFilter, CallLogVerdict, CallRecord } from '../../model/call.js';
import { actorText } from '../../model/change-request.js';
import { parseServerId } from '../../model/server-id.js';
import { everyCall } from '../../monitor/calls.js';
import type { CallLog } from '../../ports.js';
import { makeVisible, makeVisibleLines } from '../../quote.js';
import { callJson } from '../../render/call-json.js';
import { calledWords, outcomeWords } from '../../render/call-words.js';
import { openCallLog } from '../../store/call-log.js';
import { decidingActor } from '../actor.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { moment } from '../moment.js';
import { readConfig, withSession, withStoreToRead } from '../session.js';
import { systemClock, systemRandom } from '../system.js';
import { tableLines } from '../table.js';
import type { Terminal } from '../terminal.js';

const LIST_HELP = `
What clients called through \`sealwatch run\` and \`sealwatch gateway\`, newest
first. With --json the parameters too, without what is kept secret.

Examples:
  sealwatch calls list
  sealwatch calls list --server github --refused
  sealwatch calls list --text create_issue --since 2026-11-22 --json`;

const EXPORT_HELP = `
One call a line, newest first, with parameters and what came of it.

Examples:
  sealwatch calls export > calls.jsonl
  sealwatch calls export --server github --since 2026-11-01`;

const VERIFY_HELP = `
Exit code 1 when the log is broken: an entry edited, removed, added or cut off.
Old calls that the policy removed are counted and are no break.

Examples:
  sealwatch calls verify
  sealwatch calls verify --json`;

const RESTART_HELP = `
For a log of calls that is broken or gone: find out why, and move calls.db and
calls.checkpoint elsewhere first. The next call begins another log. Takes a
person at a terminal or the token of an approver; who it was is written to the
audit log.

Examples:
  sealwatch calls restart`;

interface Flags {
  readonly server?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly since?: string;
  readonly until?: string;
  readonly refused?: true;
}

/** Adds `calls`: the log of what clients called. */
export function addCalls(program: Command, run: Runner): void {
  const calls = program.command('calls').description('what clients called through the gateway');
  withFilters(calls.command('list').description('list calls, newest first'))
    .option('--limit <number>', 'how many at most', toLimit, 50)
    .addHelpText('after', LIST_HELP)
    .action(run(list));
  withFilters(calls.command('export').description('print calls as JSON Lines'))
    .addHelpText('after', EXPORT_HELP)
    .action(run(exportAll));
  calls
    .command('verify')
    .description('check that the log of calls is whole')
    .addHelpText('after', VERIFY_HELP)
    .action(run(verify));
  calls
    .command('restart')
    .description('let a new log of calls begin where the last one is gone')
    .addHelpText('after', RESTART_HELP)
    .action(run(restart));
}

function withFilters(command: Command): Command {
  return command
    .option('--server <id>', 'only of this server')
    .option('--subject <name>', 'only by this subject; `local` without tokens')
    .option('--text <text>', 'only with this in the name or the parameters')
    .option('--since <day>', 'from this day or moment on (UTC), such as 2026-11-22', toMoment)
    .option('--until <day>', 'before this day or moment (UTC)', toMoment)
    .option('--refused', 'only what was refused');
}

async function list(cli: Cli, flags: Flags & { readonly limit: number }): Promise<Outcome> {
  return await withCallLog(cli, async (log) => {
    const calls = await log.search({ ...filterOf(flags), limit: flags.limit });
    return {
      exitCode: 0,
      json: { calls: calls.map(callJson) },
      print: (terminal) => {
        print(calls, terminal);
      },
    };
  });
}

async function exportAll(cli: Cli, flags: Flags): Promise<Outcome> {
  if (cli.flags.json) throw new SealwatchError('USAGE', 'calls export prints JSON Lines: leave out --json');
  return await withCallLog(cli, async (log) => {
    for await (const call of everyCall(filterOf(flags), log))
      cli.io.stdout.write(`${JSON.stringify(callJson(call))}\n`);
    return { exitCode: 0, json: {}, print: () => undefined };
  });
}

async function verify(cli: Cli): Promise<Outcome> {
  return await withCallLog(cli, async (log) => {
    const verdict = await log.verify();
    return {
      exitCode: verdict.kind === 'intact' ? 0 : 1,
      json: verdictJson(verdict),
      print: (terminal) => {
        printVerdict(verdict, terminal);
      },
    };
  });
}

async function restart(cli: Cli): Promise<Outcome> {
  return await withSession(cli, async ({ config, deps }) => {
    const actor = actorText(await decidingActor(cli, deps));
    const log = openCallLog(config.stateDir, { clock: systemClock, random: systemRandom });
    const wasMissed = await log.giveUp(actor);
    return {
      exitCode: 0,
      json: { wasMissed },
      print: (terminal) => {
        terminal.line(wasMissed ? 'The next call begins a new log.' : 'No log of calls is missed: nothing to do.');
      },
    };
  });
}

/** Without a store there is no log, and the error says so. */
async function withCallLog<Result>(cli: Cli, action: (log: CallLog) => Promise<Result>): Promise<Result> {
  return await withStoreToRead(cli, async () => {
    const log = openCallLog(readConfig(cli).stateDir, { clock: systemClock, random: systemRandom });
    try {
      return await action(log);
    } finally {
      await log.close();
    }
  });
}

function filterOf({ server, subject, text, since, until, refused }: Flags): CallFilter {
  return {
    ...(server === undefined ? {} : { server: parseServerId(server) }),
    ...(subject === undefined ? {} : { subject }),
    ...(text === undefined ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(refused === undefined ? {} : { decision: 'refused' as const }),
  };
}

function toMoment(text: string): string {
  const isMoment = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = isMoment ? new Date(text) : undefined;
  if (at === undefined || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('must be a day such as 2026-11-22, or a moment such as 2026-11-22T10:00:00Z.');
  return at.toISOString();
}

function toLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1) throw new InvalidArgumentError('must be a number from 1 to 99999.');
  return limit;
}

function print(calls: readonly CallRecord[], terminal: Terminal): void {
  if (calls.length === 0) {
    terminal.line('No call is like that.');
    return;
  }
  const { paint } = terminal;
  const columns = [{ title: 'WHEN' }, { title: 'SERVER' }, { title: 'WHO' }, { title: 'WHAT' }];
  const rows = calls.map((call) => {
    const text = `${calledWords(call)}: ${outcomeWords(call)}`;
    const shown = call.decision === 'refused' ? { shown: paint.yellow(text) } : {};
    const cells = [moment(call.at), call.server, makeVisible(call.subject)].map((cell) => ({ text: cell }));
    return [...cells, { text, ...shown }];
  });
  const [header = '', ...lines] = tableLines(columns, rows, terminal.width);
  terminal.line(paint.dim(header));
  for (const line of lines) terminal.line(line);
}

function verdictJson(verdict: CallLogVerdict): Readonly<Record<string, unknown>> {
  if (verdict.kind === 'broken') return { intact: false, problems: verdict.problems };
  const { size, forgotten, rootHash, checkpoint } = verdict;
  return { intact: true, size, forgotten, rootHash, checkpoint: checkpoint ?? null, problems: [] };
}

function printVerdict(verdict: CallLogVerdict, terminal: Terminal): void {
  const { paint } = terminal;
  if (verdict.kind === 'broken') {
    terminal.line(paint.red('The log of calls is broken:'));
    for (const problem of verdict.problems) terminal.line(`  ${makeVisible(problem)}`);
    return;
  }
  const { size, forgotten, rootHash, checkpoint } = verdict;
  const gone = forgotten === 0 ? '' : `, of which the oldest ${forgotten} are not kept any more`;
  terminal.line(`${paint.green('The log of calls is intact')}: ${size} entries${gone}, root ${rootHash}`);
  if (checkpoint !== undefined) terminal.line(paint.dim(makeVisibleLines(checkpoint.trimEnd())));
}
