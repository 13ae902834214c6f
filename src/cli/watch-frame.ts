import type { ChangeRequest } from '../model/change-request.js';
import type { ServerState, ServerSummary } from '../monitor/servers.js';
import { counted } from '../render/counted.js';
import type { Paint } from './paint.js';
import { type Cell, tableLines } from './table.js';
import { paintUrgency } from './terminal.js';

/** What is on the screen of `watch`. */
export interface Screen {
  readonly servers: readonly ServerSummary[];
  /** The server that keys are about. */
  readonly selected: number;
  /** The change that is looked at, instead of the table. */
  readonly opened: OpenedChange | undefined;
  /** What is asked before it is done. */
  readonly question: Question | undefined;
  /** What is so until somebody does something about it; safe to show. */
  readonly notice: string | undefined;
  /** What happened, newest last; safe to show. */
  readonly news: readonly string[];
}

export interface OpenedChange {
  /** As it was shown: a decision is bound to its digest. */
  readonly request: ChangeRequest;
  readonly lines: readonly string[];
  /** The first line that is shown. */
  readonly top: number;
}

export type Question = 'approve' | 'reject';

/** Columns and rows. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const MAX_NEWS = 6;

/** A row for each server, however narrow the screen is: which one is chosen is counted in rows. */
const UNBROKEN = 1_000;

/** Title, blank, and at the end blank and keys. */
const FRAME_LINES = 4;

/** Returns the lines of a screen, exactly as many as it has rows at most. */
export function frameLines(screen: Screen, size: Size, paint: Paint): readonly string[] {
  const lines =
    screen.opened === undefined ? overviewLines(screen, size, paint) : changeLines(screen, screen.opened, size, paint);
  return lines.slice(0, size.height);
}

/** Returns how many lines of a change fit on a screen. */
export function roomOf({ height }: Size): number {
  return Math.max(height - FRAME_LINES, 1);
}

function overviewLines({ servers, selected, notice, news }: Screen, size: Size, paint: Paint): readonly string[] {
  const shownNews = news.slice(-MAX_NEWS);
  const notices = notice === undefined ? [] : [paint.yellow(notice)];
  const room = Math.max(roomOf(size) - shownNews.length - notices.length - 2, 1);
  const [header = '', ...rows] = tableLines(
    COLUMNS,
    servers.map((one) => cellsOf(one, paint)),
    UNBROKEN,
  );
  const first = Math.max(0, Math.min(selected - room + 1, rows.length - room));
  const table = rows.map((row, index) => (index === selected ? `${paint.cyan('›')} ${row}` : `  ${row}`));
  const more = rows.length - room;
  const title = `${paint.bold('Sealwatch')}  ${summaryOf(servers)}${more > 0 ? paint.dim(`  (${more} more: ↑ ↓)`) : ''}`;
  const keys = '↑ ↓ choose · enter look at what waits · q end';
  return [
    title,
    ...notices,
    '',
    paint.dim(`  ${header}`),
    ...table.slice(first, first + room),
    '',
    ...shownNews,
    '',
    paint.dim(keys),
  ];
}

function changeLines({ question }: Screen, opened: OpenedChange, size: Size, paint: Paint): readonly string[] {
  const room = roomOf(size);
  const { request, lines, top } = opened;
  const below = Math.max(lines.length - top - room, 0);
  const title = `${paint.bold(request.server)}  request ${request.id}, ${paintUrgency(request.urgency, paint)}`;
  const place = below > 0 ? paint.yellow(`  ${below} more lines below`) : '';
  return [`${title}${place}`, '', ...lines.slice(top, top + room), '', footerOf(question, below, paint)];
}

function footerOf(question: Question | undefined, below: number, paint: Paint): string {
  switch (question) {
    case 'approve':
      return paint.bold('Approve exactly this? y/n');
    case 'reject':
      return paint.bold('Reject this? It stays on hold. y/n');
    case undefined:
      return paint.dim(
        below > 0 ? '↑ ↓ space read on · esc back · q end' : '↑ ↓ read · a approve · r reject · esc back · q end',
      );
  }
}

function summaryOf(servers: readonly ServerSummary[]): string {
  const count = (state: ServerState): number => servers.filter((one) => one.state === state).length;
  const parts = [
    [count('blocked'), 'blocked'],
    [count('held'), 'held'],
    [count('unchecked'), 'could not be checked'],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return [counted(servers.length, 'server'), ...told].join(' · ');
}

const COLUMNS = [
  { title: 'SERVER' },
  { title: 'STATE' },
  { title: 'CHECKED' },
  { title: 'WAITS FOR A PERSON' },
] as const;

function cellsOf(server: ServerSummary, paint: Paint): readonly Cell[] {
  const { id, state, lastCheckAt, open, outage } = server;
  const waits =
    open === undefined ? '' : `request ${open.id}, ${open.urgency}: ${counted(open.changes.length, 'change')}`;
  const text = outage === undefined ? waits : `${outage.code}${waits === '' ? '' : `; ${waits}`}`;
  const word = WORDS[state];
  return [
    { text: id },
    { text: word, shown: colourOf(state, paint)(word) },
    { text: lastCheckAt === undefined ? '–' : lastCheckAt.slice(11, 19) },
    { text },
  ];
}

const WORDS: Readonly<Record<ServerState, string>> = {
  unchecked: 'could not check',
  blocked: 'blocked',
  held: 'held',
  new: 'not looked at yet',
  approved: 'approved',
  'removed-from-configuration': 'not configured',
};

function colourOf(state: ServerState, paint: Paint): (text: string) => string {
  switch (state) {
    case 'unchecked':
      return paint.magenta;
    case 'blocked':
      return paint.red;
    case 'held':
      return paint.yellow;
    case 'approved':
      return paint.green;
    case 'new':
    case 'removed-from-configuration':
      return paint.dim;
  }
}
