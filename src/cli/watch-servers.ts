import { runSchedule } from '../monitor/scheduler.js';
import type { Cli } from './cli.js';
import type { Inspection } from '../monitor/inspect.js';
import { noTelemetry } from '../monitor/no-telemetry.js';
import { followClients, printClientNews, clientNewsText } from './follow-clients.js';
import type { Desktop } from './desktop.js';
import { inspectionNote } from './desktop-note.js';
import { createPaint } from './paint.js';
import { createInspectionLog, type News, newsIn, newsLine } from './inspection-log.js';
import { selectServers, withSession } from './session.js';
import { counted } from '../render/counted.js';
import { WatchScreen } from './watch-screen.js';
import { withoutRepeats } from './without-repeats.js';

/** News are shown with every control character written as an escape: colours are such characters. */
const PLAIN = createPaint(false);

/** Watches servers, and writes a line for each event, until the process is asked to end. */
export async function watchInLines(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<void> {
  await withSession(cli, async ({ config, deps }) => {
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
  });
}

/** Watches servers on a screen that is there already, until a key or the process says that it is enough. */
export async function watchOnScreen(cli: Cli, names: readonly string[], desktop: Desktop | undefined): Promise<void> {
  let screen: WatchScreen | undefined;
  const early: string[] = [];
  const tell = (line: string): void => {
    if (screen === undefined) early.push(line);
    else screen.tell(line);
  };
  const logger = withoutRepeats({ info: tell, warn: tell, error: tell });
  // Standard error is on the same screen.
  const terminal = { ...cli.terminal, note: tell, warn: tell };
  await withSession(
    { ...cli, terminal },
    async (session) => {
      const { config, deps } = session;
      const servers = selectServers(names, config);
      const end = new AbortController();
      const shown = new WatchScreen(cli, { ...session, servers }, () => {
        end.abort();
      });
      screen = shown;
      for (const line of early) shown.tell(line);
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
    },
    { instrument: () => ({ logger, telemetry: noTelemetry }) },
  );
}

function tellDesktop(news: News | undefined, inspection: Inspection, desktop: Desktop | undefined): void {
  const note = news === undefined ? undefined : inspectionNote(news, inspection);
  if (note !== undefined) desktop?.tell(note);
}
