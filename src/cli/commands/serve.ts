import { type Command, Option } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import type { LogOptions } from '../instruments.js';
import { selectServers, withSession } from '../session.js';
import { toPort } from '../to-port.js';
import { stopped } from './watch.js';
import { counted } from '../../render/counted.js';

/** Adds `serve`: the service. */
export function addServe(program: Command, run: Runner): void {
  program
    .command('serve')
    .description('watch all servers, send alerts and serve the approval pages, until stopped')
    .option('--port <port>', 'instead of serve.port of the configuration; 0 for any free one', toPort)
    .addOption(
      new Option('--log-format <format>', 'of the log on standard error; json unless that is a terminal').choices([
        'human',
        'json',
      ]),
    )
    .addOption(
      new Option('--log-level <level>', 'what is logged (else SEALWATCH_LOG_LEVEL, info)').choices([
        'error',
        'warn',
        'info',
      ]),
    )
    .addHelpText('after', EXAMPLES)
    .action(run(serve));
}

const EXAMPLES = `
Stops on SIGINT and SIGTERM: what is under way may take 10 seconds more. One
service runs on a state directory. With --json: one document a line.

GET /healthz says whether it works, /readyz whether every server was looked at,
/metrics gives figures for Prometheus (from this machine, or with an API token).
Traces go where OTEL_EXPORTER_OTLP_ENDPOINT says. Under systemd it is a service
of Type=notify; a unit is in data/systemd/sealwatch.service.

Examples:
  sealwatch serve
  sealwatch --config /etc/sealwatch.yaml serve --port 8080
  sealwatch serve --log-format json --log-level warn 2>> sealwatch.log
  curl --fail http://127.0.0.1:8470/readyz`;

interface ServeOptions extends LogOptions {
  readonly port?: number;
}

async function serve(given: Cli, options: ServeOptions): Promise<Outcome> {
  // Loaded here: other commands need no time for pages, channels, logs, figures and traces.
  const [{ startInstruments }, { runService }] = await Promise.all([
    import('../instruments.js'),
    import('../service.js'),
  ]);
  const { cli, instrument, manager, stop } = await startInstruments(given, options);
  const { terminal } = cli;
  const tellStopping = (): void => void manager.stopping();
  cli.signal.addEventListener('abort', tellStopping, { once: true });
  try {
    return await withSession(
      cli,
      async (session) => {
        const servers = selectServers([], session.config);
        const hooks = {
          onStarted: async (url: string, signInUrl: string | undefined) => {
            terminal.note(`pages at ${url}; starting ${counted(servers.length, 'server')} …`);
            // Logs are collected and read by others: what signs in stands on a terminal only.
            if (cli === given && signInUrl !== undefined) terminal.note(`sign in, within 15 minutes: ${signInUrl}`);
            await manager.ready(`looking at ${counted(servers.length, 'server')} for the first time`);
          },
          onReady: async () => {
            terminal.note(`watching ${counted(servers.length, 'server')}`);
            await manager.ready(`watching ${counted(servers.length, 'server')}`);
          },
        };
        await runService(cli, session, hooks, { orAnyPort: false });
        // On a log of JSON lines, this is one too.
        return {
          ...stopped(),
          print: () => {
            terminal.note('stopped');
          },
        };
      },
      {
        change: (config) =>
          options.port === undefined ? config : { ...config, serve: { ...config.serve, port: options.port } },
        instrument,
        // What one server sends must not make the others wait.
        small: 0,
      },
    );
  } finally {
    cli.signal.removeEventListener('abort', tellStopping);
    await stop();
  }
}
