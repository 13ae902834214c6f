import type { Command } from 'commander';

import { runSchedule } from '../../monitor/scheduler.js';
import type { Cli, Outcome, Runner } from '../cli.js';
import type { Inspection } from '../../monitor/inspect.js';
import { noTelemetry } from '../../monitor/no-telemetry.js';
import { followClients, printClientNews, clientNewsText } from '../follow-clients.js';
import { type Desktop, findDesktop } from '../desktop.js';
import { inspectionNote } from '../desktop-note.js';
import { machineOf } from '../machine.js';
import { createPaint } from '../paint.js';
import { createInspectionLog, type News, newsIn, newsLine } from '../inspection-log.js';
import { selectServers, withSession } from '../session.js';
import { counted } from '../../render/counted.js';
import { WatchScreen } from '../watch-screen.js';
import { withoutRepeats } from '../without-repeats.js';

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

/** News are shown with every control character written as an escape: colours are such characters. */
const PLAIN = createPaint(false);

/** A screen of its own is for a person at a terminal that knows how to move about in it. */
function hasScreen({ flags, terminal, env }: Cli): boolean {
  return terminal.isInteractive && !flags.json && !flags.quiet && env['TERM'] !== 'dumb';
}

async function inLines(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<Outcome> {
  return withSession(cli, async ({ config, deps }) => {
    const servers = selectServers(names, config);
    const log = createInspectionLog(cli, deps, { changes: 'whole' });
    let written = Promise.resolve();
    const failing = new Map<string, string>();
    const hooks = {
      onInspection: (inspection: Inspection) => {
        written = log.write(inspection);
        tellDesktop(newsIn(inspection, failing), inspection, desktop);
      },
      onReady: () => {
        written = written.then(() => {
          cli.terminal.note(`watching ${counted(servers.length, 'server')}; Ctrl-C ends`);
        });
      },
    };
    cli.terminal.note(`starting ${counted(servers.length, 'server')} …`);
    followClients(
      cli,
      {
        config,
        servers,
        desktop,
        show: (news) => {
          printClientNews(news, cli);
        },
        notice: (text) => {
          if (text !== undefined) cli.terminal.note(`note: ${text}`);
        },
      },
      cli.signal,
    );
    const { concurrency, childProcesses } = config;
    await runSchedule(servers, deps, { concurrency, childProcesses, hooks }, cli.signal);
    await written;
    return stopped();
  });
}

async function onScreen(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<Outcome> {
  let screen: WatchScreen | undefined;
  const tell = (line: string): void => screen?.tell(line);
  const logger = withoutRepeats({ info: tell, warn: tell, error: tell });
  return withSession(
    cli,
    async (session) => {
      const { config, deps } = session;
      const servers = selectServers(names, config);
      const end = new AbortController();
      const shown = new WatchScreen(cli, { ...session, servers }, () => {
        end.abort();
      });
      screen = shown;
      const failing = new Map<string, string>();
      const hooks = {
        onInspection: (inspection: Inspection): void => {
          const news = newsIn(inspection, failing);
          tellDesktop(news, inspection, desktop);
          if (news === undefined) shown.changed();
          else shown.tell(newsLine(news, inspection, PLAIN));
        },
      };
      const { concurrency, childProcesses } = config;
      shown.open();
      try {
        const signal = AbortSignal.any([cli.signal, end.signal]);
        followClients(
          cli,
          {
            config,
            servers,
            desktop,
            show: (news) => {
              shown.tell(clientNewsText(news, PLAIN));
            },
            notice: (text) => {
              shown.notice(text);
            },
          },
          signal,
        );
        await runSchedule(servers, deps, { concurrency, childProcesses, hooks, graceMs: 0 }, signal);
      } finally {
        shown.close();
      }
      return stopped();
    },
    { instrument: () => ({ logger, telemetry: noTelemetry }) },
  );
}

function tellDesktop(news: News | undefined, inspection: Inspection, desktop: Desktop | undefined): void {
  const note = news === undefined ? undefined : inspectionNote(news, inspection);
  if (note !== undefined) desktop?.tell(note);
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
