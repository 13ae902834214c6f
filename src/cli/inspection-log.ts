import type { ChangeRequest } from '../model/change-request.js';
import { loadView } from '../monitor/assess.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { Inspection } from '../monitor/inspect.js';
import { counted } from '../render/counted.js';
import { requestLines } from '../render/request-lines.js';
import type { Cli } from './cli.js';
import { printRequest } from './held-lines.js';
import { printHints } from './hints.js';
import { requestJson } from '../render/request-json.js';
import type { Paint } from './paint.js';
import { paintUrgency, type Terminal } from './terminal.js';

/** Writes what is new in a stream of inspections; what stays the same is not repeated. */
export interface InspectionLog {
  /** Returns when everything that the inspection brings is written. */
  write(inspection: Inspection): Promise<void>;
}

/** What there is to tell about an inspection. */
export type News =
  | { readonly kind: 'asks'; readonly request: ChangeRequest }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'answers-again' };

/** Returns a log on standard output. `changes`: whole, or only in a line where a channel shows them. */
export function createInspectionLog(
  cli: Cli,
  deps: MonitorDeps,
  options: { readonly changes: 'whole' | 'line' },
): InspectionLog {
  const failing = new Map<string, string>();
  let last = Promise.resolve();
  return {
    write: (inspection) => {
      const news = newsIn(inspection, failing);
      // One after the other, so that two changes do not mix their lines.
      last = last.then(async () => {
        if (news !== undefined) await writeNews(news, inspection, cli, deps, options);
      });
      return last;
    },
  };
}

/** Returns what is new in an inspection; `failing` keeps the servers that could not be checked, with the code. */
export function newsIn(inspection: Inspection, failing: Map<string, string>): News | undefined {
  const { server } = inspection;
  if (inspection.kind === 'unchecked') {
    const { code, message } = inspection;
    if (failing.get(server) === code) return undefined;
    failing.set(server, code);
    return { kind: 'failed', code, message };
  }
  const wasFailing = failing.delete(server);
  const transition = inspection.kind === 'checked' ? inspection.transition : 'none';
  const request = inspection.kind === 'checked' ? inspection.request : undefined;
  if (request !== undefined && ['open', 'supersede', 'reopen'].includes(transition)) return { kind: 'asks', request };
  if (transition === 'withdraw') return { kind: 'withdrawn' };
  return wasFailing ? { kind: 'answers-again' } : undefined;
}

async function writeNews(
  news: News,
  inspection: Inspection,
  cli: Cli,
  deps: MonitorDeps,
  options: { readonly changes: 'whole' | 'line' },
): Promise<void> {
  const { terminal, io, flags } = cli;
  if (flags.json) {
    io.stdout.write(`${JSON.stringify(newsJson(news, inspection))}\n`);
    return;
  }
  terminal.line(newsLine(news, inspection, terminal.paint));
  if (news.kind === 'asks' && options.changes === 'whole') await writeChange(news.request, terminal, deps);
}

/** Returns news in one line. */
export function newsLine(news: News, { at, server }: Inspection, paint: Paint): string {
  const head = `${paint.dim(at.slice(11, 19))} ${paint.bold(server)}`;
  switch (news.kind) {
    case 'asks': {
      const { changes, id, urgency } = news.request;
      return `${head}: ${counted(changes.length, 'change')}, held: request ${id}, ${paintUrgency(urgency, paint)}`;
    }
    case 'withdrawn':
      return `${head}: ${paint.green('back to what is approved')}, the request is withdrawn`;
    case 'failed':
      return `${head}: ${paint.magenta(`could not check: ${news.code} ${news.message}`)}`;
    case 'answers-again':
      return `${head}: ${paint.green('can be checked again')}`;
  }
}

/** On first use there is too much to read in passing. */
const MAX_WHOLE = 5;

async function writeChange(request: ChangeRequest, terminal: Terminal, deps: MonitorDeps): Promise<void> {
  if (request.changes.length > MAX_WHOLE) {
    printRequest(request, terminal);
    printHints([[`sealwatch diff ${request.id}`, 'shows the whole change']], terminal);
    return;
  }
  terminal.change(requestLines(await loadView(request, deps.store), { width: terminal.width }));
}

function newsJson(news: News, { server, at }: Inspection): Readonly<Record<string, unknown>> {
  return {
    event: news.kind,
    at,
    server,
    request: news.kind === 'asks' ? requestJson(news.request) : null,
    error: news.kind === 'failed' ? { code: news.code, message: news.message } : null,
  };
}
