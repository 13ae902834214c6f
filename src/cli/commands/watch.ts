import type { Command } from 'commander';

import { runSchedule } from '../../monitor/scheduler.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import { createInspectionLog } from '../inspection-log.js';
import { selectServers, withSession } from '../session.js';
import { counted } from '../../render/counted.js';

/** Adds `watch`: looks at servers on their schedules, without pages and alerts. */
export function addWatch(program: Command, run: Runner): void {
  program
    .command('watch')
    .description('watch servers on their schedules and print what changes as it happens; sends no alerts')
    .argument('[server...]', 'names from the configuration; all of them otherwise')
    .addHelpText('after', EXAMPLES)
    .action(run(watch));
}

const EXAMPLES = `
Stops on Ctrl-C. With --json: one document a line.

Examples:
  sealwatch watch
  sealwatch watch github --json`;

async function watch(cli: Cli, names: readonly string[]): Promise<Outcome> {
  return withSession(cli, async ({ config, deps }) => {
    const servers = selectServers(names, config);
    const log = createInspectionLog(cli, deps, { changes: 'whole' });
    let written = Promise.resolve();
    const hooks = {
      onInspection: (inspection: Parameters<typeof log.write>[0]) => {
        written = log.write(inspection);
      },
      onReady: () => {
        written = written.then(() => {
          cli.terminal.note(`watching ${counted(servers.length, 'server')}; Ctrl-C ends`);
        });
      },
    };
    cli.terminal.note(`starting ${counted(servers.length, 'server')} …`);
    const { concurrency, childProcesses } = config;
    await runSchedule(servers, deps, { concurrency, childProcesses, hooks }, cli.signal);
    await written;
    return stopped();
  });
}

/** What a service that was asked to stop comes to. */
export function stopped(): Outcome {
  return {
    exitCode: 0,
    endsStream: true,
    json: { event: 'stopped' },
    print: (terminal) => {
      terminal.note('stopped');
    },
  };
}
