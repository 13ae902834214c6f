import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { formatRef, parseRef } from '../../integrity/definition-ref.js';
import type { Finding } from '../../model/finding.js';
import { shortVersion } from '../../model/fingerprint.js';
import { addWaiver } from '../../monitor/approve.js';
import { assess } from '../../monitor/assess.js';
import { quote } from '../../quote.js';
import { decidingActor } from '../actor.js';
import { ask } from '../ask.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { visibleRef } from '../held-lines.js';
import { findingJson } from '../../render/request-json.js';
import { selectServers, type Session, withSession } from '../session.js';
import { refuseQuestionInJson } from '../settle.js';

/** Adds `waive`: says that a finding is a false positive, for one version and for a time. */
export function addWaive(program: Command, run: Runner): void {
  program
    .command('waive')
    .description('record that a finding in the present version of a definition is a false positive')
    .argument('<ref>', 'a definition such as github/create_issue')
    .requiredOption('--rule <id>', 'the rule')
    .requiredOption('--reason <text>', 'why it is a false positive')
    .requiredOption('--until <date>', 'the last day on which it counts: 2027-01-31 (UTC)')
    .addHelpText('after', EXAMPLES)
    .action(run(waive));
}

const EXAMPLES = `
A waiver approves nothing, and ends when the definition changes.

Examples:
  sealwatch waive notes/search --rule sensitive-file --reason "documents the
    path that it excludes" --until 2027-01-31`;

interface Options {
  readonly rule: string;
  readonly reason: string;
  readonly until: string;
}

async function waive(cli: Cli, ref: string, options: Options): Promise<Outcome> {
  refuseQuestionInJson(cli);
  return withSession(cli, async (session) => {
    const expiresAt = endOfDay(options.until, session);
    const findings = await findingsOf(ref, options.rule, session);
    const [{ refText, version }] = findings;
    const actor = await decidingActor(cli, session.deps);
    if (!cli.flags.json) printFindings(findings, cli);
    const isMeant = await ask(`Waive ${options.rule} on ${visibleRef(refText)} until ${options.until}?`, cli);
    const { rule, reason } = options;
    if (isMeant) await addWaiver({ rule, refText, version, reason, expiresAt, actor }, session.servers, session.deps);
    return {
      exitCode: isMeant ? 0 : 1,
      json: {
        waived: isMeant ? { rule, ref: refText, version, reason, expiresAt } : null,
        findings: findings.map(findingJson),
      },
      print: (terminal) => {
        terminal.line(isMeant ? `Waived until ${expiresAt}.` : 'Nothing was decided.');
      },
    };
  });
}

async function findingsOf(
  ref: string,
  rule: string,
  { config, deps }: Session,
): Promise<readonly [Finding, ...Finding[]]> {
  const parsed = parseRef(ref);
  const refText = formatRef(parsed);
  const [server] = selectServers([parsed.server], config);
  const evaluation = server === undefined ? undefined : (await assess(server, deps)).evaluation;
  const [first, ...more] = (evaluation?.findings ?? []).filter((one) => one.refText === refText && one.rule === rule);
  if (first === undefined)
    throw new SealwatchError(
      'NOT_FOUND',
      `rule ${quote(rule, 60)} found nothing in the present version of ${quote(ref)}`,
    );
  return [first, ...more];
}

function printFindings(findings: readonly Finding[], { terminal }: Cli): void {
  for (const { refText, version, severity, message, excerpt } of findings) {
    terminal.line(`${visibleRef(refText)} ${shortVersion(version)}: ${severity}: ${message}`);
    terminal.line(`  ${terminal.paint.magenta(quote(excerpt))}`);
  }
}

function endOfDay(until: string, { deps }: Session): string {
  const expiresAt = /^\d{4}-\d{2}-\d{2}$/.test(until) ? new Date(`${until}T23:59:59.999Z`) : new Date(Number.NaN);
  const isReal = !Number.isNaN(expiresAt.getTime()) && expiresAt.toISOString().startsWith(until);
  if (!isReal) throw new SealwatchError('USAGE', `--until must be a day such as 2027-01-31, is ${quote(until, 40)}`);
  if (expiresAt <= deps.clock.now()) throw new SealwatchError('USAGE', `--until ${until} is in the past`);
  return expiresAt.toISOString();
}
