import type { Command } from 'commander';

import { codeOf, messageOf, SealwatchError } from '../../errors.js';
import { childEnvironment } from '../../mcp/child-environment.js';
import type { Server } from '../../model/server.js';
import { identifyLaunch } from '../../policy/identify-launch.js';
import { quote } from '../../quote.js';
import type { Exact, PackageCache, Resolved } from '../../supply-chain/package-cache.js';
import type { PackageSource } from '../../supply-chain/package-source.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { highest } from '../exit-code.js';
import { readConfig, selectServers } from '../session.js';
import type { Terminal } from '../terminal.js';

const RESOLVE_HELP = `
Finds out which version of its package a server would be started with now, and
with what else, and installs it into a folder of the state directory, without
running any script. Nothing is started and nothing is approved. Servers with
"package: { run: approved }" are started from there, once somebody approved it.

Exit code 2 where a server runs no package of npm, or it could not be had.

Examples:
  sealwatch resolve
  sealwatch resolve github --json`;

/** Adds `resolve`. */
export function addResolve(program: Command, run: Runner): void {
  program
    .command('resolve')
    .argument('[servers...]', 'servers of the configuration; every server with a command otherwise')
    .description('which exact versions would run, with all that they need')
    .addHelpText('after', RESOLVE_HELP)
    .action(run(resolve));
}

/** What one server came to. */
type Line =
  | ({ readonly kind: 'resolved'; readonly server: string; readonly requested: string | undefined } & Exact & Resolved)
  | { readonly kind: 'unknown'; readonly server: string; readonly why: string };

/** An installation that takes longer hangs. */
const TIMEOUT_MS = 300_000;

async function resolve(cli: Cli, names: readonly string[]): Promise<Outcome> {
  const config = readConfig(cli);
  const chosen = selectServers(names, config).filter(({ connection }) => connection.launch !== undefined);
  if (chosen.length === 0) throw new SealwatchError('USAGE', 'none of the servers is started by a command');
  // npm's modules take a while to load, and every other command does without them.
  const { createNpmSource } = await import('../../supply-chain/npm-source.js');
  const { createPackageCache } = await import('../../supply-chain/package-cache.js');
  const source = createNpmSource({ tree: 'left' });
  const cache = createPackageCache(config.packageDir);
  const lines: Line[] = [];
  for (const server of chosen) {
    cli.terminal.note(`resolving ${server.id}`);
    lines.push(await lineFor(server, source, cache, cli.signal));
  }
  return {
    exitCode: highest(lines.map(({ kind }) => (kind === 'resolved' ? 0 : 2))),
    json: { servers: lines },
    print: (terminal) => {
      for (const line of lines) print(line, terminal);
    },
  };
}

async function lineFor(
  { id, connection: { launch } }: Server,
  source: PackageSource,
  cache: PackageCache,
  cancelled: AbortSignal,
): Promise<Line> {
  const unknown = (why: string): Line => ({ kind: 'unknown', server: id, why });
  if (launch === undefined) return unknown('it is not started by a command');
  const identity = identifyLaunch(launch);
  if (identity.kind === 'unknown') return unknown(identity.why);
  if (identity.kind !== 'package' || identity.type !== 'npm') return unknown('it is no package of npm');
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(TIMEOUT_MS)]);
  const context = { cwd: launch.cwd, env: childEnvironment(launch.env), signal, isOfRegistry: true } as const;
  const { resolved, integrity } = await source.inspect(identity, context);
  for (const one of [resolved, integrity])
    if (one.kind === 'unknown' || one.kind === 'contradicts') return unknown(one.why);
  if (resolved.kind !== 'present' || integrity.kind !== 'present') return unknown('it has no version');
  const exact = { name: identity.name, version: resolved.value, integrity: integrity.value };
  const { readNpmOptions } = await import('../../supply-chain/npm-options.js');
  try {
    const options = await readNpmOptions(context);
    const found = await cache.resolve(exact, options);
    await cache.folderOf(exact, found.digest, options);
    return { kind: 'resolved', server: id, requested: identity.requested, ...exact, ...found };
  } catch (error) {
    if (!(error instanceof SealwatchError)) throw error;
    return unknown(`${codeOf(error)} ${messageOf(error)}`);
  }
}

function print(line: Line, terminal: Terminal): void {
  terminal.line(terminal.paint.bold(line.server));
  if (line.kind === 'unknown') {
    terminal.line(`  could not tell: ${line.why}`);
    return;
  }
  const { name, requested, version, integrity, versions, digest } = line;
  terminal.line(`  asks for        ${quote(requested === undefined ? name : `${name}@${requested}`, 200)}`);
  terminal.line(`  would run       ${quote(`${name}@${version}`, 200)}`);
  terminal.line(`  integrity       ${integrity}`);
  terminal.line(`  installed with  ${Object.keys(versions).length - 1} other packages, sha256:${digest}`);
}
