import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { codeOf, type ErrorCode } from '../../errors.js';
import { hasRole } from '../../model/principal.js';
import { commentAs, decideAs, waiveAs } from '../../monitor/decide.js';
import { openRequest } from '../../monitor/inbox.js';
import { listRequests } from '../../monitor/list-requests.js';
import type { WebEnv } from '../authenticate.js';
import { formText } from '../form-text.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { type Message, messagePage } from '../views/message-page.js';
import { RequestPage } from '../views/request-page.js';
import type { Done, Refusal } from '../views/request-page-props.js';
import type { Action } from '../views/refusal-words.js';
import { RequestsPage } from '../views/requests-page.js';

const PER_PAGE = 50;
const MAX_PAGE = 10_000;

const TEXT = z.string().max(2_000);
const DECISION = z.object({
  digest: z.string().min(1).max(200),
  decision: z.enum(['approve', 'reject']),
  comment: TEXT.optional(),
});
const WAIVER = z.object({
  ref: z.string().min(1).max(10_000),
  rule: z.string().min(1).max(200),
  reason: TEXT,
  // The last day on which it counts, whole.
  expires: z.iso.date().transform((day) => `${day}T23:59:59.999Z`),
});
const COMMENT = z.object({ text: TEXT });

/** What stands in an address is typed by people: what is not understood is taken for absent. */
const LAYOUT = z.enum(['unified', 'split']).catch('unified');
const DONE = z.enum(['decided', 'waived']).optional().catch(undefined);
const FILTER = z.object({
  state: z.enum(['open', 'approved', 'rejected', 'superseded', 'withdrawn', '']).catch(''),
  server: z.string().max(200).catch(''),
  page: z.coerce.number().int().min(1).max(MAX_PAGE).catch(1),
});

/** Returns the routes of change requests: the list, one of them, and what may be done with it. */
export function requestRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/requests', (context) => list(context, site));
  app.get('/requests/:id', (context) => answer(context, site, 'decision', () => show(context, site)));
  app.post('/requests/:id/decision', (context) => answer(context, site, 'decision', () => decide(context, site)));
  app.post('/requests/:id/waivers', (context) => answer(context, site, 'waiver', () => waive(context, site)));
  app.post('/requests/:id/comments', (context) => answer(context, site, 'comment', () => comment(context, site)));
  return app;
}

async function list(context: Context<WebEnv>, site: Site): Promise<Response> {
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const filter = FILTER.parse(context.req.query());
  const servers = site.servers.map(({ id }) => id).filter((id) => hasRole(principal, 'viewer', id));
  const asked = {
    states: filter.state === '' ? undefined : [filter.state],
    server: servers.find((id) => id === filter.server),
    page: filter.page,
    perPage: PER_PAGE,
  };
  const found = await listRequests(principal, asked, deps);
  return context.html(RequestsPage({ basePath, principal, filter, list: found, servers }));
}

async function show(context: Context<WebEnv>, site: Site, refusal?: Refusal): Promise<Response> {
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const opened = await openRequest(principal, idOf(context), deps, { note: isRead(context) });
  const { server } = opened.view.request;
  const page = RequestPage({
    basePath,
    principal,
    opened,
    labels: site.servers.find(({ id }) => id === server)?.labels ?? {},
    layout: LAYOUT.parse(context.req.query('view')),
    now: deps.clock.now(),
    done: DONE.parse(context.req.query('done')),
    refusal,
  });
  return context.html(page, refusal === undefined ? 200 : statusOf(refusal.code));
}

/**
 * Whether a person came here to read. Attack: a page of another site that has the browser fetch this one in the background, or open
 * it in a window that it closes at once, so that a critical change counts as read (Fetch metadata, sections 2.1 and 2.3;
 * `Sec-Purpose` for prefetching). Who comes by a link in a web mailer decides on the page, or opens it again to decide in bulk.
 */
function isRead({ req }: Context): boolean {
  if (req.method === 'HEAD' || req.header('sec-purpose') !== undefined) return false;
  const destination = req.header('sec-fetch-dest');
  const cameFrom = req.header('sec-fetch-site');
  return (
    (destination === undefined || destination === 'document') &&
    (cameFrom === undefined || cameFrom === 'same-origin' || cameFrom === 'none')
  );
}

async function decide(context: Context<WebEnv>, site: Site): Promise<Response> {
  const form = DECISION.safeParse(await context.req.parseBody());
  if (!form.success) return refuseForm(context, site);
  const { digest, decision, comment } = form.data;
  const input = { request: idOf(context), digest, decision, comment: formText(comment) };
  const { id } = await decideAs(signedIn(context), input, site.servers, site.deps);
  return to(context, site, id, 'decided');
}

async function waive(context: Context<WebEnv>, site: Site): Promise<Response> {
  const form = WAIVER.safeParse(await context.req.parseBody());
  if (!form.success) return refuseForm(context, site);
  const { ref, rule, reason, expires } = form.data;
  const request = idOf(context);
  const input = { request, refText: ref, rule, reason: formText(reason) ?? '', expiresAt: expires };
  const open = await waiveAs(signedIn(context), input, site.servers, site.deps);
  return to(context, site, open?.id ?? request, 'waived');
}

async function comment(context: Context<WebEnv>, site: Site): Promise<Response> {
  const form = COMMENT.safeParse(await context.req.parseBody());
  if (!form.success) return refuseForm(context, site);
  const request = idOf(context);
  await commentAs(signedIn(context), { request, text: formText(form.data.text) ?? '' }, site.deps);
  return context.redirect(`${site.basePath}/requests/${request}#comments`, 303);
}

function to(context: Context, site: Site, request: number, done: Done): Response {
  return context.redirect(`${site.basePath}/requests/${request}?done=${done}`, 303);
}

/** Answers with a page also where it was refused: what holds now is on the request's own page, where the person may see it. */
async function answer(
  context: Context<WebEnv>,
  site: Site,
  action: Action,
  act: () => Promise<Response>,
): Promise<Response> {
  try {
    return await act();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'NOT_FOUND') return message(context, site, 404, NO_REQUEST);
    if (code === 'FORBIDDEN' || code.startsWith('APPROVAL_')) return show(context, site, { code, action });
    throw error;
  }
}

function statusOf(code: ErrorCode): 403 | 409 {
  return code === 'APPROVAL_STALE' || code === 'APPROVAL_SETTLED' ? 409 : 403;
}

function idOf(context: Context): number {
  const id = context.req.param('id') ?? '';
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : Number.NaN;
}

function refuseForm(context: Context<WebEnv>, site: Site): Response | Promise<Response> {
  return message(context, site, 400, NOT_UNDERSTOOD);
}

function message(
  context: Context<WebEnv>,
  { basePath }: Site,
  status: 400 | 404,
  text: Message,
): Response | Promise<Response> {
  return messagePage(context, status, { ...text, frame: { basePath, principal: context.get('principal') } });
}

const NO_REQUEST = {
  title: 'There is no such request',
  paragraphs: ['Nothing was decided. The inbox lists what waits for a decision.'],
  code: 'NOT_FOUND',
};

const NOT_UNDERSTOOD = {
  title: 'That was not understood',
  paragraphs: [
    'Nothing was decided. Go back and use the forms on the page; a text holds up to 2000 characters, and a waiver ends on a day.',
  ],
};
