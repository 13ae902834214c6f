import type { Command } from 'commander';

import type { Cli, Outcome, Runner } from '../cli.js';
import { type Desktop, findDesktop } from '../desktop.js';
import { machineOf } from '../machine.js';
import { withScreen } from '../own-screen.js';

/** Adds `watch`: looks at servers on their schedules, without pages and alerts. */
export function addWatch(program: Command, run: Runner): void {
  program
    .command('watch')
    .description('watch servers on their schedules, and show what changes as it happens; sends no alerts')
    .argument('[server...]', 'names from the configuration; all of them otherwise')
    .option('--no-notify', 'no notifications on the desktop')
    .addHelpText('after', EXAMPLES)
    .action(run(watch));
}

const EXAMPLES = `
At a terminal: a live table of servers, what changed, and keys to look at a
change, approve it or reject it. Elsewhere, and with --quiet: a line for each
event; with --json: one document a line. Stops on Ctrl-C.

The files of the clients on this machine are watched too: it is told when a
server is added, changed or taken away there, and while a client starts one that
is not watched. At a terminal new requests and alerts are also shown on the
desktop, by number and urgency (notify-send on Linux, osascript on macOS).

Examples:
  sealwatch watch
  sealwatch watch github --json`;

interface WatchOptions {
  readonly notify: boolean;
}

async function watch(cli: Cli, names: readonly string[], { notify }: WatchOptions): Promise<Outcome> {
  const isForPerson = notify && cli.terminal.isInteractive && !cli.flags.json;
  const desktop = isForPerson ? findDesktop(machineOf(cli).platform, cli.env) : undefined;
  try {
    return hasScreen(cli) ? await onScreen(cli, names, desktop) : await inLines(cli, names, desktop);
  } finally {
    desktop?.close();
  }
}

/** A screen of its own is for a person at a terminal that knows how to move about in it. */
function hasScreen({ flags, terminal, env }: Cli): boolean {
  return terminal.isInteractive && !flags.json && !flags.quiet && env['TERM'] !== 'dumb';
}

/** What it takes is loaded while the screen says that something happens. */
async function onScreen(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<Outcome> {
  return await withScreen(cli.io.stdout, 'Sealwatch  starting …', async () => {
    const { watchOnScreen } = await import('../watch-servers.js');
    await watchOnScreen(cli, names, desktop);
    return stopped();
  });
}

async function inLines(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<Outcome> {
  const { watchInLines } = await import('../watch-servers.js');
  await watchInLines(cli, names, desktop);
  return stopped();
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
