import { type Context, Hono } from 'hono';

import type { AuditEntry } from '../../model/audit.js';
import { everyAuditEntry, exportAudit, readAudit } from '../../monitor/audit-export.js';
import { auditSentence } from '../../render/audit-sentence.js';
import { answerPage, EVERY_SERVER_ONLY } from '../answer-page.js';
import { parseAuditQuery } from '../audit-query.js';
import type { WebEnv } from '../authenticate.js';
import { csvRecord } from '../csv.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { AuditPage } from '../views/audit-page.js';
import { messagePage } from '../views/message-page.js';

/** As many as a page can show and a person can read. */
const ENTRIES_PER_PAGE = 50;

/** Returns the audit log as a page, and as files to take away. Nothing here writes. */
export function auditRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const answer = (context: Context<WebEnv>, action: () => Promise<Response>): Promise<Response> =>
    answerPage(context, site, EVERY_SERVER_ONLY, action);
  app.get('/audit', (context) => answer(context, () => show(context, site)));
  app.get('/audit.jsonl', (context) => answer(context, () => download(context, site, JSON_LINES)));
  app.get('/audit.csv', (context) => answer(context, () => download(context, site, CSV)));
  app.get('/audit/proof', (context) => answer(context, () => prove(context, site)));
  return app;
}

async function show(context: Context<WebEnv>, site: Site): Promise<Response> {
  const query = parseAuditQuery(context.req.query());
  const before = parsePosition(context.req.query('before'));
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const frame = { basePath, principal };
  if (query === undefined || before === 'invalid') return messagePage(context, 400, { ...NOT_A_SEARCH, frame });
  const place = before === undefined ? {} : { before };
  // One more than is shown tells whether there is another page.
  const limit = ENTRIES_PER_PAGE + 1;
  const found = await readAudit(principal, { ...query.filter, ...place, limit }, deps);
  const entries = found.slice(0, ENTRIES_PER_PAGE);
  const older = found.length > ENTRIES_PER_PAGE ? entries.at(-1)?.index : undefined;
  const { fields } = query;
  return context.html(AuditPage({ principal, basePath, fields, entries, older, isFirstPage: before === undefined }));
}

/** A form in which entries are taken away. */
interface Format {
  readonly extension: string;
  readonly type: string;
  readonly head: string;
  readonly line: (entry: AuditEntry) => string;
}

const JSON_LINES: Format = {
  extension: 'jsonl',
  type: 'application/jsonl; charset=utf-8',
  head: '',
  line: (entry) => `${JSON.stringify({ ...entry, details: entry.details ?? null })}\n`,
};

const CSV: Format = {
  extension: 'csv',
  type: 'text/csv; charset=utf-8; header=present',
  head: csvRecord(['index', 'at', 'type', 'actor', 'what', 'details']),
  line: (entry) => {
    const { index, at, type, actor, details } = entry;
    const text = details === undefined ? '' : JSON.stringify(details);
    return csvRecord([index, at, type, actor, auditSentence(entry), text]);
  },
};

async function download(context: Context<WebEnv>, site: Site, format: Format): Promise<Response> {
  const query = parseAuditQuery(context.req.query());
  const principal = signedIn(context);
  const frame = { basePath: site.basePath, principal };
  if (query === undefined) return messagePage(context, 400, { ...NOT_A_SEARCH, frame });
  const entries = everyAuditEntry(principal, query.filter, site.deps);
  // The first entry is read before anything is sent: who may not see the log gets a page that says so, not a torn file.
  const first = await entries.next();
  attach(context, `audit.${format.extension}`, format.type);
  return context.body(ReadableStream.from(textOf(first, entries, format)));
}

async function* textOf(
  first: IteratorResult<AuditEntry, void>,
  rest: AsyncGenerator<AuditEntry, void, undefined>,
  format: Format,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  if (format.head !== '') yield encoder.encode(format.head);
  if (first.done === true) return;
  yield encoder.encode(format.line(first.value));
  for await (const entry of rest) yield encoder.encode(format.line(entry));
}

async function prove(context: Context<WebEnv>, site: Site): Promise<Response> {
  const proof = await exportAudit(signedIn(context), site.deps);
  attach(context, 'audit-proof.jsonl', 'application/jsonl; charset=utf-8');
  return context.body(proof);
}

/** Never shown in place: a page of ours with texts of others in it would be one more that has to be escaped. */
function attach(context: Context, name: string, type: string): void {
  context.header('Content-Type', type);
  context.header('Content-Disposition', `attachment; filename="sealwatch-${name}"`);
}

/** Returns where a page of a log begins. */
export function parsePosition(text: string | undefined): number | undefined | 'invalid' {
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : 'invalid';
}

/** For a query that is none. */
export const NOT_A_SEARCH = {
  title: 'That cannot be searched for',
  paragraphs: ['A date has the form 2026-11-22, a text up to 200 characters. Choose in the form of the page.'],
};
