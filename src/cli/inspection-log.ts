import type { ChangeRequest } from '../model/change-request.js';
import { loadView } from '../monitor/assess.js';
import type { MonitorDeps } from '../monitor/deps.js';
import type { Inspection } from '../monitor/inspect.js';
import { requestLines } from '../render/request-lines.js';
import type { Cli } from './cli.js';
import { printRequest } from './held-lines.js';
import { printHints } from './hints.js';
import { requestJson } from '../render/request-json.js';
import { paintUrgency, type Terminal } from './terminal.js';

/** Writes what is new in a stream of inspections; what stays the same is not repeated. */
export interface InspectionLog {
  /** Returns when everything that the inspection brings is written. */
  write(inspection: Inspection): Promise<void>;
}

/** What there is to tell about an inspection. */
type News =
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

function newsIn(inspection: Inspection, failing: Map<string, string>): News | undefined {
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
  const { paint } = terminal;
  const head = `${paint.dim(inspection.at.slice(11, 19))} ${paint.bold(inspection.server)}`;
  switch (news.kind) {
    case 'asks': {
      const { request } = news;
      const count = request.changes.length === 1 ? '1 change' : `${request.changes.length} changes`;
      terminal.line(`${head}: ${count}, held: request ${request.id}, ${paintUrgency(request.urgency, paint)}`);
      if (options.changes === 'whole') await writeChange(request, terminal, deps);
      return;
    }
    case 'withdrawn':
      terminal.line(`${head}: ${paint.green('back to what is approved')}, the request is withdrawn`);
      return;
    case 'failed':
      terminal.line(`${head}: ${paint.magenta(`could not check: ${news.code} ${news.message}`)}`);
      return;
    case 'answers-again':
      terminal.line(`${head}: ${paint.green('can be checked again')}`);
      return;
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
