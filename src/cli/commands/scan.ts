import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import type { ChangeRequest } from '../../model/change-request.js';
import type { Config } from '../../config/config.js';
import { type Assessment, assess } from '../../monitor/assess.js';
import type { Inspection } from '../../monitor/inspect.js';
import { inspectAll, type Progress } from '../../monitor/inspect-all.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ExitCode, highest } from '../exit-code.js';
import { printRequest } from '../held-lines.js';
import { type Hint, printHints } from '../hints.js';
import { findingJson, requestJson } from '../../render/request-json.js';
import type { JsonValue } from '../../model/json.js';
import { toSarif } from '../../render/sarif.js';
import type { Rule } from '../../scan/rule.js';
import { packageVersion } from '../package-root.js';
import { selectServers, withSession } from '../session.js';
import { countsOf, printStanding } from '../standing.js';
import { quote } from '../../quote.js';
import type { Terminal } from '../terminal.js';

/** Adds `scan`: looks at servers once. */
export function addScan(program: Command, run: Runner): void {
  program
    .command('scan')
    .description('look at servers once, record what they declare, and say what is held')
    .argument('[server...]', 'names from the configuration; all of them otherwise')
    .option('--sarif', 'print the findings as a SARIF 2.1.0 log, for code scanning')
    .addHelpText('after', EXAMPLES)
    .action(run(scan));
}

const EXAMPLES = `
Examples:
  sealwatch scan               every server
  sealwatch scan github --json one server, for a script
  sealwatch scan --sarif > sealwatch.sarif
                               for the code scanning page of a repository`;

/** One server's answer together with what holds for it now. */
interface Scanned {
  readonly inspection: Inspection;
  readonly assessment: Assessment;
}

async function scan(cli: Cli, names: readonly string[], { sarif }: { readonly sarif?: true }): Promise<Outcome> {
  if (sarif === true && cli.flags.json) {
    throw new SealwatchError('USAGE', '--sarif and --json are two formats: choose one');
  }
  return withSession(cli, async ({ config, deps, pack: { rules } }) => {
    const servers = selectServers(names, config);
    const { concurrency, childProcesses } = config;
    const options = { concurrency, childProcesses, onProgress: showProgress(servers.length, cli.terminal) };
    const started = deps.clock.monotonicMs();
    const inspections = await inspectAll(servers, deps, options, cli.signal);
    if (cli.signal.aborted) throw new SealwatchError('INTERRUPTED', 'interrupted: not every server was checked');
    const scanned: Scanned[] = [];
    for (const inspection of inspections) {
      const server = servers.find(({ id }) => id === inspection.server);
      if (server !== undefined) scanned.push({ inspection, assessment: await assess(server, deps) });
    }
    const requests = scanned.flatMap(({ assessment }) => assessment.standing.open ?? []);
    const outcome = outcomeOf(scanned, requests, config, deps.clock.monotonicMs() - started);
    if (sarif !== true) return outcome;
    return {
      ...outcome,
      print: (terminal) => {
        terminal.json(
          sarifOf(
            scanned,
            rules.filter(({ scope }) => scope.includes('definition')),
          ),
        );
      },
    };
  });
}

function outcomeOf(
  scanned: readonly Scanned[],
  requests: readonly ChangeRequest[],
  config: Config,
  durationMs: number,
): Outcome {
  return {
    exitCode: highest(scanned.map(exitCodeOf)),
    json: {
      servers: scanned.map(scannedJson),
      requests: requests.map(requestJson),
      disabled: config.disabled,
    },
    print: (terminal) => {
      printScan(scanned, requests, durationMs, terminal);
      printHints(hintsFor(scanned, requests), terminal);
    },
  };
}

function sarifOf(scanned: readonly Scanned[], rules: readonly Rule[]): JsonValue {
  const findings = scanned.flatMap(({ assessment }) => assessment.evaluation?.findings ?? []);
  const failures = scanned.flatMap(({ inspection }) => (inspection.kind === 'unchecked' ? [inspection] : []));
  return toSarif(findings, rules, { version: packageVersion(), failures });
}

function exitCodeOf({ inspection, assessment }: Scanned): ExitCode {
  const { held, blocked } = countsOf(assessment);
  const needsPerson = held > 0 || blocked > 0 || assessment.standing.open !== undefined;
  return inspection.kind === 'unchecked' ? 2 : needsPerson ? 1 : 0;
}

function scannedJson({ inspection, assessment }: Scanned): Readonly<Record<string, unknown>> {
  const isUnchecked = inspection.kind === 'unchecked';
  return {
    server: inspection.server,
    status: isUnchecked ? 'unchecked' : 'checked',
    at: inspection.at,
    durationMs: Math.round(inspection.durationMs),
    error: isUnchecked ? { code: inspection.code, message: inspection.message } : null,
    ...countsOf(assessment),
    request: assessment.standing.open?.id ?? null,
    definitions: assessment.decisions.map(({ refText, version, verdict, reasons }) => ({
      ref: refText,
      version,
      verdict,
      reasons,
    })),
    findings: (assessment.evaluation?.findings ?? []).map(findingJson),
    remarks: inspection.kind === 'checked' ? inspection.remarks : [],
    suggestedMasks: inspection.kind === 'checked' ? inspection.suggestedMasks : [],
  };
}

function printScan(
  scanned: readonly Scanned[],
  requests: readonly ChangeRequest[],
  durationMs: number,
  terminal: Terminal,
): void {
  const rows = scanned.map(({ inspection, assessment }) => ({
    server: inspection.server,
    counts: countsOf(assessment),
    failure: inspection.kind === 'unchecked' ? inspection : undefined,
  }));
  printStanding(rows, terminal);
  for (const { inspection } of scanned) if (inspection.kind === 'checked') printRemarks(inspection, terminal);
  for (const request of requests) {
    terminal.line();
    printRequest(request, terminal);
  }
  terminal.line();
  terminal.line(summary(scanned, requests, durationMs, terminal));
}

function printRemarks(inspection: Extract<Inspection, { kind: 'checked' }>, terminal: Terminal): void {
  const { server, remarks, suggestedMasks } = inspection;
  for (const remark of remarks) terminal.line(terminal.paint.dim(`${server}: ${remark}`));
  if (suggestedMasks.length === 0) return;
  terminal.line(
    terminal.paint.dim(`${server}: text that changes by itself can be left out with volatile: in its entry:`),
  );
  for (const { kind, name, pointer, pattern } of suggestedMasks) {
    const fields = [
      `kind: ${kind}`,
      `name: ${quote(name)}`,
      `pointer: ${quote(pointer)}`,
      `pattern: ${quote(pattern)}`,
    ];
    terminal.line(terminal.paint.dim(`  - { ${fields.join(', ')} }`));
  }
}

function summary(
  scanned: readonly Scanned[],
  requests: readonly ChangeRequest[],
  durationMs: number,
  { paint }: Terminal,
): string {
  const unchecked = scanned.filter(({ inspection }) => inspection.kind === 'unchecked').length;
  const checked = scanned.length - unchecked;
  const time = `${(durationMs / 1_000).toFixed(1)} s`;
  const parts = [
    `${checked} of ${scanned.length} ${scanned.length === 1 ? 'server' : 'servers'} checked in ${time}`,
    unchecked > 0 ? paint.magenta(`${unchecked} could not be checked`) : '',
    requests.length > 0
      ? paint.yellow(`${requests.length} ${requests.length === 1 ? 'request waits' : 'requests wait'} for a decision`)
      : '',
    unchecked === 0 && scanned.every((one) => exitCodeOf(one) === 0) ? paint.green('everything as approved') : '',
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
}

function hintsFor(scanned: readonly Scanned[], requests: readonly ChangeRequest[]): readonly Hint[] {
  const [first] = requests;
  if (first === undefined) return [];
  const isFirstUse = scanned.every(
    ({ assessment }) => assessment.standing.open === undefined || assessment.standing.baseline.isEmpty,
  );
  if (isFirstUse && requests.length > 1) {
    return [
      [`sealwatch diff ${first.id}`, 'shows what a request is about'],
      ['sealwatch approve --all', 'approves the first state of every new server'],
    ];
  }
  return [
    [`sealwatch diff ${first.id}`, 'shows the exact change'],
    [`sealwatch approve ${first.id}`, 'shows it and asks; reject keeps it on hold'],
  ];
}

function showProgress(total: number, terminal: Terminal): (event: Progress) => void {
  const waiting = new Set<string>();
  let done = 0;
  return ({ server, state }) => {
    if (state === 'started') waiting.add(server);
    else {
      waiting.delete(server);
      done += 1;
    }
    terminal.progress(
      done === total ? '' : `${done} of ${total} servers answered; waiting for ${[...waiting].join(', ')}`,
    );
  };
}
