import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { decideSeveral } from '../../monitor/decide.js';
import { listInbox } from '../../monitor/inbox.js';
import { quietSince, watchReport } from '../../monitor/watch-report.js';
import type { WebEnv } from '../authenticate.js';
import { formText } from '../form-text.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { DecisionsPage } from '../views/decisions-page.js';
import { InboxPage } from '../views/inbox-page.js';
import { messagePage } from '../views/message-page.js';

/** A tick names a request and what it asked for when it was shown. */
const ITEM = z.string().regex(/^[1-9]\d{0,14}:sha256:[0-9a-f]{64}$/);

const DECISIONS = z.object({
  decision: z.enum(['approve', 'reject']),
  comment: z.string().max(2_000).optional(),
  item: z.union([ITEM.transform((one) => [one]), z.array(ITEM).min(1).max(1_000)]),
});

/** Returns the routes of the inbox: what waits, and deciding several at once. */
export function inboxRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/', (context) => show(context, site));
  app.post('/decisions', (context) => decide(context, site));
  return app;
}

async function show(context: Context<WebEnv>, site: Site): Promise<Response> {
  const { basePath, deps, servers } = site;
  const principal = signedIn(context);
  const items = await listInbox(principal, deps);
  const page = InboxPage({
    basePath,
    principal,
    items,
    report: await watchReport(principal, servers, deps),
    quietSince: items.length === 0 ? await quietSince(principal, deps) : undefined,
    now: deps.clock.now(),
  });
  return context.html(page);
}

async function decide(context: Context<WebEnv>, site: Site): Promise<Response> {
  const { basePath, deps, servers } = site;
  const principal = signedIn(context);
  const form = DECISIONS.safeParse(await context.req.parseBody({ all: true }));
  if (!form.success) return messagePage(context, 400, { ...NOTHING_TICKED, frame: { basePath, principal } });
  const { decision, comment, item } = form.data;
  const input = { items: item.map(parseItem), decision, comment: formText(comment) };
  const outcomes = await decideSeveral(principal, input, servers, deps);
  return context.html(DecisionsPage({ basePath, principal, decision, outcomes }));
}

function parseItem(text: string): { readonly request: number; readonly digest: string } {
  const colon = text.indexOf(':');
  return { request: Number(text.slice(0, colon)), digest: text.slice(colon + 1) };
}

const NOTHING_TICKED = {
  title: 'Nothing was decided',
  paragraphs: [
    'Tick at least one request in the inbox, then approve or reject. A comment holds up to 2000 characters.',
  ],
};
