import type { Command } from 'commander';

import { SealwatchError } from '../../errors.js';
import { readPosture } from '../../mcp/posture.js';
import type { PostureLine } from '../../model/posture.js';
import type { HttpConnection, Server } from '../../model/server.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { readConfig, selectServers } from '../session.js';
import { systemClock } from '../system.js';
import type { Terminal } from '../terminal.js';

const POSTURE_HELP = `
Looks at the certificate and the metadata, and sends one request without a
token. Nothing is registered, no token is used, nothing is stored.

Examples:
  sealwatch posture
  sealwatch posture tracker --json`;

/** Adds `posture`. */
export function addPosture(program: Command, run: Runner): void {
  program
    .command('posture')
    .argument('[servers...]', 'servers of the configuration; every HTTP server otherwise')
    .description('what HTTP servers meet of what the MCP specification asks for')
    .addHelpText('after', POSTURE_HELP)
    .action(run(posture));
}

interface Report {
  readonly server: string;
  readonly lines: readonly PostureLine[];
}

async function posture(cli: Cli, names: readonly string[]): Promise<Outcome> {
  const chosen = selectServers(names, readConfig(cli)).flatMap(remote);
  if (chosen.length === 0) throw new SealwatchError('USAGE', 'none of the servers is reached over HTTP');
  const reports: Report[] = [];
  for (const [server, connection] of chosen) {
    cli.terminal.note(`looking at ${server.id}`);
    reports.push({ server: server.id, lines: await readPosture(server, connection, systemClock) });
  }
  const isMissing = reports.some(({ lines }) => lines.some(({ status }) => status === 'not met'));
  return {
    exitCode: isMissing ? 1 : 0,
    json: { servers: reports },
    print: (terminal) => {
      for (const report of reports) print(report, terminal);
    },
  };
}

function remote(server: Server): readonly (readonly [Server, HttpConnection])[] {
  const { connection } = server;
  return connection.kind === 'http' && connection.launch === undefined ? [[server, connection]] : [];
}

function print({ server, lines }: Report, terminal: Terminal): void {
  terminal.line(terminal.paint.bold(server));
  for (const { title, status, evidence } of lines) {
    const shown = status === 'not met' ? terminal.paint.red(status.padEnd(14)) : status.padEnd(14);
    terminal.line(`  ${shown}  ${title}: ${evidence}`);
  }
  const count = (wanted: PostureLine['status']): number => lines.filter(({ status }) => status === wanted).length;
  terminal.line(`  ${count('met')} met, ${count('not met')} not met, ${count('could not tell')} could not tell`);
}
