import { relative, resolve } from 'node:path';

import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import type { Config } from '../../config/config.js';
import { lineOf } from '../../lock/line-of.js';
import { toBaseline } from '../../lock/to-baseline.js';
import { withoutUnlocked } from '../../lock/lock-server.js';
import type { Lock, LockCheck, LockPlaces } from '../../model/lock.js';
import type { Server } from '../../model/server.js';
import { type ServerId, parseServerId } from '../../model/server-id.js';
import { checkLock, withPins } from '../../monitor/check-lock.js';
import { toNeighbour } from '../../monitor/inspect-all.js';
import type { Scanner } from '../../ports.js';
import { changeJson, findingJson } from '../../render/request-json.js';
import { needsPerson } from '../../render/lock-words.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { loadDump, observationFrom } from '../dump-file.js';
import { highest } from '../exit-code.js';
import { loadRules } from '../load-rules.js';
import { loadLock, lockPath, pinsOf, readText } from '../lock-file.js';
import { printChecks, printChecksForGitHub } from '../print-lock-checks.js';
import { createScanner, SMALL } from '../scanner.js';
import { readConfig } from '../session.js';
import { systemClock } from '../system.js';
import { type Look, lookAt, lookWith } from '../without-store.js';
import { type LockReports, writeLockReports } from '../write-lock-reports.js';

interface CheckOptions extends LockReports {
  readonly lock?: string;
  readonly offline?: string;
}

/** Adds `check`: compares servers with the lock, with no store, for CI. */
export function addCheck(program: Command, run: Runner): void {
  program
    .command('check')
    .description('compare servers with sealwatch.lock.json, without a store: a gate for CI')
    .argument('[server...]', 'names from the configuration or the lock; all otherwise')
    .option('--lock <file>', 'the lock (else sealwatch.lock.json beside the configuration)')
    .option('--offline <dump>', 'look at a dump of lock --dump instead of the servers')
    .option('--github', 'print annotations of GitHub Actions, and add to the summary of the job')
    .option('--junit <file>', 'write JUnit XML')
    .option('--sarif <file>', 'write SARIF 2.1.0')
    .option('--markdown <file>', 'write a summary with the diff')
    .addHelpText('after', EXAMPLES)
    .action(run(check));
}

const EXAMPLES = `
Exits with 1 where anything is not as locked, is not in the lock, or is in the
lock only; with 2 where a server could not be checked.

Examples:
  sealwatch check
  sealwatch check github --json
  sealwatch check --github --sarif sealwatch.sarif
  sealwatch check --offline answers.json  starts and asks nothing`;

async function check(cli: Cli, names: readonly string[], options: CheckOptions): Promise<Outcome> {
  // Annotations among JSON would be neither.
  if (options.github === true && cli.flags.json)
    throw new SealwatchError('USAGE', '--github and --json are two formats: choose one');
  const config = readConfig(cli);
  const file = lockPath(cli, config, options.lock);
  const lock = loadLock(file);
  const wanted = wantedIds(names, config, lock);
  const looks = await look(
    config.servers.filter(({ id }) => wanted.includes(id) && lock.servers.has(id)),
    config,
    options,
    cli,
  );
  const pack = await loadRules(config.rules);
  const scanner = createScanner({ pack, settings: config.rules, small: SMALL });
  try {
    const checks: LockCheck[] = [];
    for (const id of wanted) checks.push(await checkOne(id, { looks, lock, config, scanner }));
    const places = placesIn(file, cli);
    writeLockReports(checks, options, places, cli);
    return outcomeOf(checks, { file, places, isGitHub: options.github === true });
  } finally {
    await scanner.close();
  }
}

function placesIn(file: string, { io }: Cli): LockPlaces {
  const text = readText(file) ?? '';
  return { file: relative(io.cwd(), file).replaceAll('\\', '/'), lineOf: (place) => lineOf(text, place) };
}

/** All that either of the two names, in order: what is only in one of them must be told. */
function wantedIds(names: readonly string[], config: Config, lock: Lock): readonly ServerId[] {
  const ids = [...config.servers.map(({ id }) => id), ...lock.servers.keys()];
  const all = [...new Set<ServerId>(ids)].sort();
  // Nothing checked is not "as locked".
  if (all.length === 0)
    throw new SealwatchError('CONFIG_INVALID', `neither ${config.file} nor the lock names a server`);
  const unknown = names.find((name) => !all.some((id) => id === name));
  if (unknown !== undefined) {
    const reason = `no server ${JSON.stringify(unknown)} in ${config.file} or the lock (there are: ${all.join(', ')})`;
    throw new SealwatchError('NOT_FOUND', reason);
  }
  return names.length === 0 ? all : all.filter((id) => names.includes(id));
}

async function look(
  servers: readonly Server[],
  config: Config,
  { offline }: CheckOptions,
  cli: Cli,
): Promise<readonly Look[]> {
  if (offline === undefined) return await lookAt(servers, config, cli);
  const dump = loadDump(resolve(cli.io.cwd(), offline));
  for (const id of Object.keys(dump.servers)) parseServerId(id);
  return await lookWith(servers, config, (server) => Promise.resolve().then(() => observationFrom(dump, server)), cli);
}

interface Surroundings {
  readonly looks: readonly Look[];
  readonly lock: Lock;
  readonly config: Config;
  readonly scanner: Scanner;
}

async function checkOne(id: ServerId, { looks, lock, config, scanner }: Surroundings): Promise<LockCheck> {
  const locked = lock.servers.get(id);
  if (locked === undefined) return { kind: 'not-locked', server: id };
  if (config.disabled.includes(id)) return { kind: 'disabled', server: id };
  const seen = looks.find((one) => (one.kind === 'seen' ? one.server.id : one.server) === id);
  if (seen === undefined) return { kind: 'not-configured', server: id };
  if (seen.kind === 'unchecked') {
    return { kind: 'unchecked', server: id, code: seen.code, message: seen.message };
  }
  const others = looks.flatMap((one) => (one.kind === 'seen' && one !== seen ? [toNeighbour(one.snapshot)] : []));
  const deps = { scanner, now: systemClock.now(), packages: config.policy.packages };
  const checked = await checkLock(withoutUnlocked(seen.snapshot), toBaseline(id, locked), others, deps);
  return withPins(checked, locked.pins, pinsOf(seen.server));
}

function outcomeOf(
  checks: readonly LockCheck[],
  report: { readonly file: string; readonly places: LockPlaces; readonly isGitHub: boolean },
): Outcome {
  return {
    exitCode: highest(checks.map((one) => (one.kind === 'unchecked' ? 2 : needsPerson(one) ? 1 : 0))),
    json: { lock: report.file, servers: checks.map(checkJson) },
    print: (terminal) => {
      if (report.isGitHub) printChecksForGitHub(checks, report.places, terminal);
      else printChecks(checks, terminal);
    },
  };
}

function checkJson(one: LockCheck): Readonly<Record<string, unknown>> {
  const isChanged = one.kind === 'changed';
  return {
    server: one.server,
    status: one.kind,
    error: one.kind === 'unchecked' ? { code: one.code, message: one.message } : null,
    urgency: isChanged ? one.requested.urgency : null,
    changes: isChanged ? one.requested.changes.map(changeJson) : [],
    findings: isChanged ? one.requested.findings.map(findingJson) : [],
    pins: isChanged ? (one.pinsChanged ?? null) : null,
    refusals: isChanged ? one.refusals : [],
  };
}
