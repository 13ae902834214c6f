import { relative, resolve } from 'node:path';

import type { Command } from 'commander';

import { isAsLocked, type LockCheck } from '../../model/lock.js';
import { lockCheckLines, lockCheckSummary } from '../../render/lock-lines.js';
import { headline } from '../../render/lock-markdown.js';
import { changeJson, findingJson } from '../../render/request-json.js';
import type { RulePack } from '../../scan/rule-pack.js';
import { checkDumps } from '../check-dumps.js';
import { checkServers } from '../check-servers.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ExitCode, highest } from '../exit-code.js';
import { gitHubLines } from '../github-log.js';
import { type LockOnDisk, lockPath, readLockFile } from '../lock-file.js';
import { readConfig } from '../session.js';
import type { Terminal } from '../terminal.js';
import { withoutStore } from '../without-store.js';
import { type ReportOptions, writeReports } from '../write-reports.js';

/** Adds `check`: compares servers with a lock, for continuous integration. */
export function addCheck(program: Command, run: Runner): void {
  program
    .command('check')
    .description('compare servers with the lock file; needs no store, and records nothing')
    .argument('[server...]', 'names from the configuration or the lock; all of both otherwise')
    .option('--file <file>', 'the lock (else sealwatch.lock.json beside the configuration)')
    .option('--offline <path>', 'start nothing: compare dumps, a file or a folder with SERVER.json')
    .option('--sarif <file>', 'write a SARIF 2.1.0 log')
    .option('--junit <file>', 'write JUnit XML')
    .option('--markdown <file>', 'write a summary with the differences')
    .option('--github', 'annotations, and the summary of the job (GITHUB_STEP_SUMMARY)')
    .addHelpText('after', EXAMPLES)
    .action(run(check));
}

const EXAMPLES = `
A dump is what a server answered to tools/list (or the other lists), as JSON.

Exit codes: 0 everything as locked, 1 something differs, or is in the lock or
the configuration alone, 2 a server could not be checked, 3 no lock, or one that
cannot be used.

Examples:
  sealwatch check
  sealwatch check --github --sarif sealwatch.sarif
  sealwatch check --offline dumps/ --junit results.xml`;

interface CheckOptions extends ReportOptions {
  readonly file?: string;
  readonly offline?: string;
}

async function check(cli: Cli, names: readonly string[], options: CheckOptions): Promise<Outcome> {
  const { checks, lock, pack } =
    options.offline === undefined
      ? await live(cli, names, options)
      : await offline(cli, names, options, options.offline);
  const shown = relative(cli.io.cwd(), lock.path);
  const file = { path: shown.startsWith('..') ? lock.path : shown, text: lock.text };
  writeReports(checks, options, cli, pack);
  return {
    exitCode: highest(checks.map(exitCodeOf)),
    json: { file: lock.path, servers: checks.map(checkJson) },
    print: (terminal) => {
      if (options.github === true) for (const line of gitHubLines(checks, file, terminal.width)) terminal.line(line);
      else print(checks, terminal);
    },
  };
}

interface Checked {
  readonly checks: readonly LockCheck[];
  readonly lock: LockOnDisk;
  readonly pack: RulePack;
}

async function live(cli: Cli, names: readonly string[], { file }: CheckOptions): Promise<Checked> {
  const config = readConfig(cli);
  const lock = readLockFile(lockPath(cli, file, config.file));
  return await withoutStore(config, async (deps, pack) => ({
    checks: await checkServers(lock.lock, config, names, deps, cli.signal),
    lock,
    pack,
  }));
}

/** Without a configuration: a lock and dumps are all that it takes. */
async function offline(cli: Cli, names: readonly string[], { file }: CheckOptions, path: string): Promise<Checked> {
  const lock = readLockFile(lockPath(cli, file, cli.flags.config));
  return await withoutStore(undefined, async (deps, pack) => ({
    checks: await checkDumps(lock.lock, resolve(cli.io.cwd(), path), names, deps),
    lock,
    pack,
  }));
}

function exitCodeOf(one: LockCheck): ExitCode {
  if (one.kind === 'unchecked') return 2;
  return isAsLocked(one) ? 0 : 1;
}

function checkJson(one: LockCheck): Readonly<Record<string, unknown>> {
  const summary = lockCheckSummary(one);
  const isCompared = one.kind === 'compared';
  return {
    server: one.server,
    status: isAsLocked(one) ? 'as-locked' : isCompared ? 'differs' : one.kind,
    summary,
    error: one.kind === 'unchecked' ? { code: one.code, message: one.message } : null,
    changes: isCompared ? (one.view?.request.changes ?? []).map(changeJson) : [],
    findings: isCompared ? one.findings.map(findingJson) : [],
    pins: isCompared ? (one.pins ?? null) : null,
  };
}

function print(checks: readonly LockCheck[], terminal: Terminal): void {
  for (const one of checks) {
    terminal.change(lockCheckLines(one, terminal.width));
    if (!isAsLocked(one)) terminal.line();
  }
  terminal.line(`${headline(checks)}.`);
}
