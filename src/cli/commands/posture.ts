import type { Command } from 'commander';

import type { Config } from '../../config/config.js';
import { SealwatchError } from '../../errors.js';
import { readPosture } from '../../mcp/posture.js';
import type { PostureLine } from '../../model/posture.js';
import type { HttpConnection, Server } from '../../model/server.js';
import { VANTAGE } from '../../monitor/deps.js';
import type { Store } from '../../ports.js';
import { type PostureReport, toPostureSarif } from '../../render/posture-sarif.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { type ExitCode, highest } from '../exit-code.js';
import { packageVersion } from '../package-root.js';
import { openVault, readConfig, selectServers, withStoreToRead } from '../session.js';
import { systemClock } from '../system.js';
import type { Terminal } from '../terminal.js';

const POSTURE_HELP = `
Looks at the certificate and the metadata, and sends one request without a
token. What takes more than that is tried where the entry of the server asks for
it: "posture: { probes: [foreign-origin, forged-token, registration,
foreign-redirect, foreign-token] }". With "record: true" every check looks at it
too, it is approved like a definition, and held where it changes.

Examples:
  sealwatch posture
  sealwatch posture tracker --json
  sealwatch posture --sarif > posture.sarif`;

/** Adds `posture`. */
export function addPosture(program: Command, run: Runner): void {
  program
    .command('posture')
    .argument('[servers...]', 'servers of the configuration; every HTTP server otherwise')
    .description('what HTTP servers meet of what the MCP specification asks for')
    .option('--sarif', 'print the report as a SARIF 2.1.0 log')
    .addHelpText('after', POSTURE_HELP)
    .action(run(posture));
}

async function posture(cli: Cli, names: readonly string[], { sarif }: { readonly sarif?: true }): Promise<Outcome> {
  if (sarif === true && cli.flags.json)
    throw new SealwatchError('USAGE', '--sarif and --json are two formats: choose one');
  const config = readConfig(cli);
  const chosen = selectServers(names, config).flatMap(remote);
  if (chosen.length === 0) throw new SealwatchError('USAGE', 'none of the servers is reached over HTTP');
  const reports = await withKnown(cli, async (store) => await reportOn(chosen, cli, config, store));
  return {
    exitCode: highest(reports.map(exitCodeOf)),
    json: { servers: reports },
    print: (terminal) => {
      if (sarif === true) terminal.json(toPostureSarif(reports, packageVersion()));
      else for (const report of reports) print(report, terminal);
    },
  };
}

/** A server that answers nothing was not looked at, whatever could be said of its address. */
function exitCodeOf({ lines }: PostureReport): ExitCode {
  const isSilent = lines.some(({ id, status }) => id === 'unauthenticated' && status === 'could not tell');
  if (isSilent) return 2;
  return lines.some(({ status }) => status === 'not met') ? 1 : 0;
}

type Remote = readonly [Server, HttpConnection];

/** Also where nobody looked yet, and there is no store: most of the report comes from the server alone. */
async function withKnown<Result>(cli: Cli, action: (store: Store | undefined) => Promise<Result>): Promise<Result> {
  try {
    return await withStoreToRead(cli, action);
  } catch (error) {
    if (error instanceof SealwatchError && error.code === 'STORE_MISSING') return await action(undefined);
    throw error;
  }
}

async function reportOn(
  chosen: readonly Remote[],
  cli: Cli,
  { stateDir }: Config,
  store: Store | undefined,
): Promise<readonly PostureReport[]> {
  const signsIn = chosen.some(([, { oauth }]) => oauth !== undefined);
  const vault = signsIn && store !== undefined ? openVault(cli, stateDir, store) : undefined;
  const reports: PostureReport[] = [];
  for (const [server, connection] of chosen) {
    cli.terminal.note(`looking at ${server.id}`);
    const protocolVersion = (await store?.loadSnapshot(server.id, VANTAGE))?.protocolVersion;
    const { lines } = await readPosture(server, connection, { clock: systemClock, vault, protocolVersion });
    reports.push({ server: server.id, lines });
  }
  return reports;
}

function remote(server: Server): readonly Remote[] {
  const { connection } = server;
  return connection.kind === 'http' && connection.launch === undefined ? [[server, connection]] : [];
}

function print({ server, lines }: PostureReport, terminal: Terminal): void {
  terminal.line(terminal.paint.bold(server));
  for (const { title, status, evidence } of lines) {
    const shown = status === 'not met' ? terminal.paint.red(status.padEnd(14)) : status.padEnd(14);
    terminal.line(`  ${shown}  ${title}: ${evidence}`);
  }
  const count = (wanted: PostureLine['status']): number => lines.filter(({ status }) => status === wanted).length;
  terminal.line(`  ${count('met')} met, ${count('not met')} not met, ${count('could not tell')} could not tell`);
}
