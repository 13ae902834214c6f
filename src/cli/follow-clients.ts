import { join } from 'node:path';

import { clientPlaces } from '../clients/client-places.js';
import type { Config } from '../config/config.js';
import type { Server } from '../model/server.js';
import type { Cli } from './cli.js';
import { type ClientNews, clientNewsJson, clientNewsLine, type ClientsState, noticeOf } from './client-news.js';
import { watchClients } from './client-watch.js';
import type { Desktop } from './desktop.js';
import { clientNote } from './desktop-note.js';
import { machineOf } from './machine.js';
import { PACKAGE_ROOT } from './package-root.js';
import type { Paint } from './paint.js';
import { systemClock } from './system.js';

/** What is told of the files of clients, and to whom. */
interface Followed {
  readonly config: Config;
  readonly servers: readonly Server[];
  readonly desktop: Desktop | undefined;
  readonly show: (news: ClientNews) => void;
  /** Called at the beginning, and when it is another one. */
  readonly notice: (text: string | undefined) => void;
}

/** Tells what happens in the files of clients until the signal aborts. */
export function followClients(cli: Cli, followed: Followed, signal: AbortSignal): void {
  const { config, servers, desktop, show, notice } = followed;
  const judge = { config, servers, main: join(PACKAGE_ROOT, 'dist', 'main.js') };
  let before: string | undefined;
  const onState = (state: ClientsState, news: readonly ClientNews[]): void => {
    const now = noticeOf(state);
    if (now !== before) notice(now);
    before = now;
    for (const one of news) {
      show(one);
      const note = clientNote(one);
      if (note !== undefined) desktop?.tell(note);
    }
  };
  watchClients({ places: clientPlaces(machineOf(cli)), judge, onState }, signal);
}

/** Writes news as a line, or as a line of JSON. */
export function printClientNews(news: ClientNews, { flags, io, terminal }: Cli): void {
  const at = nowText();
  if (flags.json) io.stdout.write(`${JSON.stringify(clientNewsJson(news, at))}\n`);
  else terminal.line(clientNewsLine(news, at, terminal.paint));
}

/** Returns news in a line, with the time. */
export function clientNewsText(news: ClientNews, paint: Paint): string {
  return clientNewsLine(news, nowText(), paint);
}

function nowText(): string {
  return systemClock.now().toISOString();
}
