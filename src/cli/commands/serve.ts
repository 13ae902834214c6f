import { type Command, InvalidArgumentError } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import { runService } from '../service.js';
import { selectServers, withSession } from '../session.js';
import { stopped } from './watch.js';

/** Adds `serve`: the service. */
export function addServe(program: Command, run: Runner): void {
  program
    .command('serve')
    .description('watch all servers, send alerts and serve the approval pages, until stopped')
    .option('--port <port>', 'instead of serve.port of the configuration; 0 for any free one', toPort)
    .addHelpText('after', EXAMPLES)
    .action(run(serve));
}

const EXAMPLES = `
Stops on SIGINT and SIGTERM after finishing what it is at. One service runs on a
state directory. With --json: one document a line.

Examples:
  sealwatch serve
  sealwatch --config /etc/sealwatch.yaml serve --port 8080`;

async function serve(cli: Cli, options: { readonly port?: number }): Promise<Outcome> {
  const { terminal } = cli;
  return withSession(
    cli,
    async (session) => {
      const servers = selectServers([], session.config);
      const hooks = {
        onStarted: (url: string) => {
          terminal.note(`pages at ${url}; starting ${servers.length} servers …`);
        },
        onReady: () => {
          terminal.note(`watching ${servers.length} servers`);
          return Promise.resolve();
        },
      };
      await runService(cli, session, hooks, { orAnyPort: false });
      return stopped();
    },
    (config) => (options.port === undefined ? config : { ...config, serve: { ...config.serve, port: options.port } }),
  );
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('must be a port, 0 to 65535.');
  return port;
}
