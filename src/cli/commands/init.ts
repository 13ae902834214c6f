import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { Command } from 'commander';

import { codeOf, SealwatchError } from '../../errors.js';
import { findConfig, CONFIG_FILE } from '../../config/find-config.js';
import { makeVisible } from '../../quote.js';
import { createStore } from '../../store/open-store.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type Candidate, candidatesText, serversText, type TakenCandidate } from '../client-candidates.js';
import { type ExitCode, highest } from '../exit-code.js';
import { printHints } from '../hints.js';
import {
  chooseServers,
  type InitServers,
  namesOf,
  printSources,
  printUnreadable,
  type Wanted,
  wordsOf,
} from '../init-servers.js';
import { targetWords } from '../server-words.js';
import { readConfig } from '../session.js';
import { systemClock, systemRandom } from '../system.js';
import type { Terminal } from '../terminal.js';
import { givenKeySource, readVaultKeys } from '../vault-key.js';

/** Adds `init`: the only command, beside the demonstration, that creates a store. */
export function addInit(program: Command, run: Runner): void {
  program
    .command('init')
    .description('write a commented configuration, unless there is one, and create the store')
    .option('--from-clients', 'with every server that the clients on this machine have for this user')
    .option('--project', 'with the servers in files of this project, and of the folders above it, too')
    .option('--client <name...>', 'with the servers of these clients (cursor, claude-desktop)')
    .option('--server <name...>', 'with these servers of the clients')
    .option('--no-discover', 'without looking at the files of clients')
    .addHelpText('after', HELP)
    .action(run(init));
}

const HELP = `
At a terminal, where there is no configuration yet, it shows the servers that
the files of clients name, and asks which of them are wanted; one that is off in
its client is taken only by its number or name, and so is one that only a file
of a project names, unless --project or its --client asks for it: whoever wrote
the project wrote that file. It starts nothing: scan does, so
read the file first. What may be a secret in a variable, a header, an argument
or an address is not written: \${NAME} stands for it, and it is said what is to
be set. A configuration that is there is never changed: what would be added is
printed. Exits with 1 where that is so, or where a server that was asked for
cannot be taken, and with 2 where a client's file could not be read.

Examples:
  sealwatch init                        in this folder
  sealwatch init --from-clients
  sealwatch init --client cursor --server github
  sealwatch --config /etc/sealwatch.yaml --state-dir /var/lib/sealwatch init`;

interface InitOptions {
  readonly fromClients?: true;
  readonly project?: true;
  readonly client?: readonly string[];
  readonly server?: readonly string[];
  readonly discover: boolean;
}

async function init(cli: Cli, options: InitOptions): Promise<Outcome> {
  const isKept = isThere(cli.flags.config, cli.io.cwd());
  const wanted = wantedBy(options, isKept, cli);
  const found = wanted === undefined ? undefined : await chooseServers(wanted, placeOf(isKept, cli), cli);
  const chosen = found?.chosen ?? [];
  if (!isKept) writeConfig(fileFor(cli), candidatesText(chosen));
  const { file, stateDir } = readConfig(withVariables(isKept ? [] : chosen, cli));
  const storeCreated = await createStoreUnlessThere(stateDir);
  makeVaultKey(cli, stateDir);
  const result: Result = { file, isKept, stateDir, storeCreated, found, env: cli.env };
  return {
    exitCode: exitCodeOf(result, wanted),
    json: toJson(result),
    print: (terminal) => {
      print(result, terminal);
    },
  };
}

/** `undefined` where clients are not to be looked at. */
function wantedBy(
  { fromClients, project, client, server, discover }: InitOptions,
  isKept: boolean,
  cli: Cli,
): Wanted | undefined {
  const withProjects = project === true;
  const isNamed = fromClients === true || withProjects || client !== undefined || server !== undefined;
  if (isNamed && !discover)
    throw new SealwatchError('USAGE', '--no-discover looks at no client: leave out one of the two');
  if (isNamed) return { kind: 'named', clients: client ?? [], servers: server ?? [], withProjects };
  const { flags, terminal } = cli;
  const canAsk = discover && !isKept && terminal.isInteractive && !flags.json && !flags.yes && !flags.quiet;
  return canAsk ? { kind: 'ask' } : undefined;
}

function placeOf(isKept: boolean, cli: Cli): Parameters<typeof chooseServers>[1] {
  const config = isKept ? readConfig(cli) : undefined;
  return { folder: dirname(config?.file ?? fileFor(cli)), config };
}

function fileFor({ flags, io }: Cli): string {
  return flags.config === undefined ? join(io.cwd(), CONFIG_FILE) : resolve(io.cwd(), flags.config);
}

/** Never over one that is there. */
function writeConfig(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    throw new SealwatchError('CONFIG_UNREADABLE', `cannot write ${file}`, { cause });
  }
}

/** Variables that are still to be set do not keep the store from being created. */
function withVariables(chosen: readonly TakenCandidate[], cli: Cli): Cli {
  const env = Object.fromEntries(chosen.flatMap(({ needs }) => needs.map((name) => [name, 'x'])));
  return { ...cli, env: { ...env, ...cli.env } };
}

interface Result {
  readonly file: string;
  readonly isKept: boolean;
  readonly stateDir: string;
  readonly storeCreated: boolean;
  readonly found: InitServers | undefined;
  readonly env: Cli['env'];
}

function exitCodeOf({ found, isKept }: Result, wanted: Wanted | undefined): ExitCode {
  if (found === undefined) return 0;
  const isUndone = isKept && found.chosen.length > 0;
  return highest([
    found.unreadable.length > 0 ? 2 : 0,
    isUndone || (wanted?.kind === 'named' && found.left.length > 0) ? 1 : 0,
  ]);
}

function toJson({ file, isKept, stateDir, storeCreated, found, env }: Result): Outcome['json'] {
  const base = { config: file, configWritten: !isKept, stateDir, storeCreated };
  if (found === undefined) return base;
  const { chosen, left, ofProjects, unreadable } = found;
  const servers = chosen.map((one) => ({ id: one.id, ...describe(one), needs: one.needs, reads: one.reads }));
  return {
    ...base,
    servers: isKept ? [] : servers,
    notWritten: isKept ? servers : [],
    left: left.map((one) => ({ ...describe(one), why: one.why })),
    skipped: found.skipped.map(({ one, why }) => ({ ...describe(one), why })),
    ofProjects: ofProjects.map(describe),
    unset: unsetOf(chosen, env),
    unreadable,
  };
}

function describe(one: Candidate): Readonly<Record<string, unknown>> {
  return {
    names: namesOf(one),
    runs: targetWords(one.first.server.target),
    uses: one.entries.map(({ server: { client, scope, file, name, isDisabled } }) => ({
      client,
      scope,
      file,
      name,
      disabled: isDisabled,
    })),
  };
}

function unsetOf(chosen: readonly TakenCandidate[], env: Cli['env']): readonly string[] {
  const needs = new Set(chosen.flatMap((one) => one.needs));
  return [...needs].filter((name) => env[name] === undefined).sort();
}

function print(result: Result, terminal: Terminal): void {
  const { file, isKept, stateDir, storeCreated, found } = result;
  terminal.line(isKept ? `Kept ${file}: it was there already` : `Wrote ${file}`);
  terminal.line(
    storeCreated ? `Created the store in ${stateDir}` : `Kept the store in ${stateDir}: it was there already`,
  );
  if (found !== undefined) printServers(result, found, terminal);
  const isEmpty = found === undefined || isKept || found.chosen.length === 0;
  printHints(
    [
      ['sealwatch config check', isEmpty ? 'after adding your servers to the file' : 'after reading the file'],
      ['sealwatch scan', 'looks at them for the first time; everything is held'],
      ['sealwatch approve --all', 'approves that first state, after showing it'],
    ],
    terminal,
  );
}

function printServers({ isKept, env }: Result, found: InitServers, terminal: Terminal): void {
  const { line, paint } = terminal;
  const { chosen, left, ofProjects, unreadable } = found;
  printUnreadable(unreadable, terminal);
  for (const one of left)
    line(paint.yellow(`Left out ${makeVisible(namesOf(one).join(', '))}: ${makeVisible(one.why)}`));
  for (const { one, why } of found.skipped)
    line(`Skipped ${makeVisible(namesOf(one).join(', '))}: ${makeVisible(why)}`);
  for (const one of ofProjects) {
    line(paint.yellow(`Not taken, as only a file of a project names it: ${makeVisible(namesOf(one).join(', '))}`));
    printSources(one, env, terminal);
  }
  if (ofProjects.length > 0) line('--project takes these too, --server NAME one of them: read the file first');
  if (isKept && chosen.length > 0) {
    line('To be added to it by hand:');
    for (const text of serversText(chosen).trimEnd().split('\n')) line(text);
  }
  for (const one of chosen) {
    line(`  ${paint.bold(one.id)}  ${wordsOf(one)}`);
    printSources(one, env, terminal);
  }
  const unset = unsetOf(chosen, env);
  if (unset.length > 0) line(paint.yellow(`To be set in the environment first: ${unset.join(', ')}`));
}

/** There from the beginning, beside the store whose secrets it seals. */
function makeVaultKey({ env }: Cli, stateDir: string): void {
  if (givenKeySource(env) === undefined) readVaultKeys(stateDir, env, systemRandom);
}

function isThere(file: string | undefined, cwd: string): boolean {
  try {
    return findConfig(file, cwd) !== '';
  } catch (error) {
    if (codeOf(error) === 'CONFIG_NOT_FOUND') return false;
    throw error;
  }
}

/** Returns whether a store was created. */
export async function createStoreUnlessThere(stateDir: string): Promise<boolean> {
  try {
    await createStore(stateDir, { clock: systemClock, random: systemRandom });
    return true;
  } catch (error) {
    if (codeOf(error) === 'STORE_EXISTS') return false;
    throw error;
  }
}
