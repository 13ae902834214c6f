import { join } from 'node:path';

import type { Command } from 'commander';

import { clientPlaces } from '../../clients/client-places.js';
import { groupServers, type ServerGroup } from '../../clients/group-servers.js';
import type { Config } from '../../config/config.js';
import { SealwatchError } from '../../errors.js';
import { makeVisible } from '../../quote.js';
import { counted } from '../../render/counted.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ClientFiles, readClientFiles } from '../client-files.js';
import { highest } from '../exit-code.js';
import { type Allowed, allowedBy, type Route, routeOf } from '../judge-server.js';
import { machineOf } from '../machine.js';
import { PACKAGE_ROOT } from '../package-root.js';
import { targetWords } from '../server-words.js';
import { readConfig } from '../session.js';
import type { Terminal } from '../terminal.js';
import { type Likeness, watchedAs } from '../watched-as.js';

const HELP = `
Reads the files of Claude Desktop, Claude Code, Cursor, VS Code, Windsurf, Zed,
Codex, Gemini CLI, Cline, Continue, Junie, LM Studio and OpenCode: those of the
user, and those of projects here and in the folders above. Starts nothing,
connects to nothing, and prints no value of a variable or header. What
extensions and plugins of clients bring along is not looked at.

Exits with 1 where a server goes around Sealwatch, on the allowlist or not, and
with 2 where a file could not be read. One that is switched off does not count.

Examples:
  sealwatch discover
  sealwatch discover --json
  sealwatch --config ~/sealwatch.yaml discover`;

/** Adds `discover`: what the clients on this machine use. */
export function addDiscover(program: Command, run: Runner): void {
  program
    .command('discover')
    .description('list the servers of the clients on this machine, and what goes around Sealwatch')
    .addHelpText('after', HELP)
    .action(run(discover));
}

interface Judged extends ServerGroup<Likeness> {
  readonly route: Route;
  readonly allowed: Allowed;
  /** Whether a person should do something about it. */
  readonly isOpen: boolean;
}

async function discover(cli: Cli): Promise<Outcome> {
  const config = findConfig(cli);
  const found = readClientFiles(clientPlaces(machineOf(cli)));
  const main = join(PACKAGE_ROOT, 'dist', 'main.js');
  const judged: Judged[] = [];
  for (const group of groupServers(found.entries, (entry) => watchedAs(entry, config)))
    judged.push(await judge(group, config, main));
  return {
    exitCode: highest([found.unreadable.length > 0 ? 2 : 0, judged.some(({ isOpen }) => isOpen) ? 1 : 0]),
    json: {
      config: config?.file ?? null,
      files: found.files,
      servers: judged.map(toJson),
      unreadable: found.unreadable,
    },
    print: (terminal) => {
      print(judged, found, terminal);
    },
  };
}

/** Without one, everything goes around Sealwatch; one with mistakes says nothing. */
function findConfig(cli: Cli): Config | undefined {
  try {
    return readConfig(cli);
  } catch (error) {
    const isAbsent = error instanceof SealwatchError && error.code === 'CONFIG_NOT_FOUND';
    if (isAbsent && cli.flags.config === undefined) return undefined;
    throw error;
  }
}

async function judge(group: ServerGroup<Likeness>, config: Config | undefined, main: string): Promise<Judged> {
  const { target, uses } = group;
  const route = routeOf(target, config, main);
  // What goes through Sealwatch is held against the list there.
  const isListed = route.kind === 'around' && config !== undefined;
  const allowed: Allowed = isListed ? await allowedBy(config, target) : { kind: 'no-list' };
  const isOn = uses.some(({ isDisabled }) => !isDisabled);
  return { ...group, route, allowed, isOpen: isOn && route.kind === 'around' };
}

function toJson({ target, uses, route, allowed, mark }: Judged): Readonly<Record<string, unknown>> {
  return {
    names: namesOf(uses),
    kind: target.kind,
    runs: targetWords(target),
    route: route.kind,
    why: route.kind === 'around' ? route.why : null,
    serves: route.kind === 'through' ? (route.server ?? 'all') : null,
    configured: mark.kind === 'same' ? mark.id : null,
    allowlist: allowed.kind,
    refused: allowed.kind === 'refused' ? allowed.why : null,
    uses: uses.map(({ client, scope, file, name, isDisabled }) => ({
      client,
      scope,
      file,
      name,
      disabled: isDisabled,
    })),
  };
}

function namesOf(uses: ServerGroup<Likeness>['uses']): readonly string[] {
  return [...new Set(uses.map(({ name }) => name))];
}

function print(judged: readonly Judged[], { files, unreadable }: ClientFiles, terminal: Terminal): void {
  const { paint, line } = terminal;
  for (const one of judged) {
    line(`${paint.bold(makeVisible(namesOf(one.uses).join(', ')))}  ${makeVisible(targetWords(one.target))}`);
    const words = routeWords(one);
    line(`  ${one.isOpen ? paint.red(words) : one.route.kind === 'through' ? paint.green(words) : paint.dim(words)}`);
    if (one.allowed.kind === 'refused') line(`  ${paint.red(`not allowed: ${makeVisible(one.allowed.why)}`)}`);
    for (const { client, scope, file, isDisabled } of one.uses)
      line(paint.dim(`  ${client} (${scope}${isDisabled ? ', off' : ''}) ${makeVisible(file)}`));
    line();
  }
  for (const { client, file, why } of unreadable)
    line(paint.magenta(`${client}: cannot read ${makeVisible(file)}: ${makeVisible(why)}`));
  const open = judged.filter(({ isOpen }) => isOpen).length;
  line(
    `${counted(judged.length, 'server')} in ${counted(files.length, 'file')}; ${open} around Sealwatch, ${unreadable.length} files not read`,
  );
}

function routeWords({ route, mark }: Judged): string {
  if (route.kind === 'through') return `through Sealwatch: ${makeVisible(route.server ?? 'every server')}`;
  return `around Sealwatch: ${route.why}; ${likenessWords(mark)}`;
}

function likenessWords(like: Likeness): string {
  switch (like.kind) {
    case 'none':
      return 'not in the configuration';
    case 'same':
      return `watched as ${like.id}`;
    case 'other':
      return `not watched, unlike ${like.id}: ${makeVisible(like.why)}`;
  }
}
