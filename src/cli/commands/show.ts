import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { formatRef, parseRef } from '../../integrity/definition-ref.js';
import type { Decision } from '../../model/decision.js';
import type { Definition } from '../../model/definition.js';
import { shortVersion } from '../../model/fingerprint.js';
import { type Assessment, assess } from '../../monitor/assess.js';
import { makeVisibleLines, quote } from '../../quote.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import type { ExitCode } from '../exit-code.js';
import { visibleRef } from '../held-lines.js';
import { moment } from '../moment.js';
import { findingJson } from '../../render/request-json.js';
import { selectServers, withSession } from '../session.js';
import { countsOf } from '../standing.js';
import { wrap } from '../table.js';
import type { Terminal } from '../terminal.js';

/** Adds `show`: what holds now, out of the store. */
export function addShow(program: Command, run: Runner): void {
  program
    .command('show')
    .description('show what holds now for a server or one definition, and its text; connects to nothing')
    .argument('<what>', 'a server, or a definition such as github/create_issue')
    .addHelpText('after', EXAMPLES)
    .action(run(show));
}

const EXAMPLES = `
Examples:
  sealwatch show github
  sealwatch show github/create_issue`;

async function show(cli: Cli, what: string): Promise<Outcome> {
  return withSession(cli, async ({ config, deps }) => {
    const ref = what.includes('/') ? parseRef(what) : undefined;
    const [server] = selectServers([ref?.server ?? what], config);
    if (server === undefined) throw new SealwatchError('NOT_FOUND', `no server ${quote(what)}`);
    const assessment = await assess(server, deps);
    return ref === undefined ? showServer(assessment) : showDefinition(assessment, formatRef(ref));
  });
}

function showServer(assessment: Assessment): Outcome {
  const { server, standing, snapshot, decisions, evaluation } = assessment;
  const counts = countsOf(assessment);
  return {
    exitCode: exitCodeOf(assessment, decisions),
    json: {
      server: server.id,
      ...counts,
      protocolVersion: snapshot?.protocolVersion ?? null,
      lastCheckAt: standing.last?.at ?? null,
      checks: standing.last?.checks ?? 0,
      outage: standing.outage ?? null,
      request: standing.open?.id ?? null,
      provenance: server.provenance,
      definitions: decisions.map(({ refText, version, verdict, reasons }) => ({
        ref: refText,
        version,
        verdict,
        reasons,
      })),
      findings: (evaluation?.findings ?? []).map(findingJson),
    },
    print: (terminal) => {
      const { paint } = terminal;
      terminal.line(paint.bold(server.id));
      terminal.line(
        `  last checked ${standing.last === undefined ? 'never' : `${moment(standing.last.at)}, ${standing.last.checks} times so far`}`,
      );
      if (standing.outage !== undefined) {
        const { since, code, message } = standing.outage;
        for (const line of wrap(`could not be checked since ${moment(since)}: ${code} ${message}`, terminal.width - 2))
          terminal.line(`  ${paint.magenta(line)}`);
      }
      if (standing.open !== undefined)
        terminal.line(`  request ${standing.open.id} waits: sealwatch diff ${standing.open.id}`);
      terminal.line();
      for (const decision of decisions) printDecision(decision, terminal);
    },
  };
}

function showDefinition(assessment: Assessment, refText: string): Outcome {
  const definition = assessment.snapshot?.definitions.find((one) => one.refText === refText);
  const decision = assessment.decisions.find((one) => one.refText === refText);
  if (definition === undefined || decision === undefined)
    throw new SealwatchError(
      'NOT_FOUND',
      `${assessment.server.id} did not declare ${quote(refText)} when it was last checked`,
    );
  const findings = (assessment.evaluation?.findings ?? []).filter((one) => one.refText === refText);
  const { version, verdict, reasons } = decision;
  return {
    exitCode: exitCodeOf(assessment, [decision]),
    json: { ref: refText, version, verdict, reasons, content: definition.content, findings: findings.map(findingJson) },
    print: (terminal) => {
      printDecision(decision, terminal);
      for (const { rule, severity, message } of findings)
        for (const line of wrap(`${rule} (${severity}): ${message}`, terminal.width - 4))
          terminal.line(`    ${terminal.paint.magenta(line)}`);
      terminal.line();
      for (const line of readable(definition)) terminal.line(line);
    },
  };
}

function exitCodeOf({ standing, snapshot }: Assessment, decisions: readonly Decision[]): ExitCode {
  if (snapshot === undefined || standing.outage !== undefined) return 2;
  return decisions.some(({ verdict }) => verdict !== 'allow') ? 1 : 0;
}

function printDecision({ refText, version, verdict, reasons }: Decision, terminal: Terminal): void {
  const { paint } = terminal;
  const word = { allow: paint.green('allow'), hold: paint.yellow('hold '), block: paint.red('block') }[verdict];
  terminal.line(`  ${word}  ${visibleRef(refText)}  ${paint.dim(shortVersion(version))}`);
  if (verdict === 'allow') return;
  for (const { message } of reasons)
    for (const line of wrap(message, terminal.width - 9)) terminal.line(`         ${paint.dim(line)}`);
}

/** The definition as indented JSON; as it was sent where it has no canonical form. */
function readable({ value, content }: Definition): readonly string[] {
  const text = value === undefined ? content : JSON.stringify(value, undefined, 2);
  return makeVisibleLines(text).split('\n');
}
