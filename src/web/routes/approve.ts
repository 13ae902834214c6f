import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { codeOf } from '../../errors.js';
import { approverBySession } from '../../monitor/approver.js';
import { decideByLink, openLink } from '../../monitor/link.js';
import { clientAddress } from '../client-address.js';
import { readSession } from '../session-cookie.js';
import type { Site } from '../site.js';
import type { Here } from '../views/decision-section.js';
import { LinkPage, type Refusal, statusOf } from '../views/link-page.js';
import { messagePage } from '../views/message-page.js';
import { OutcomePage } from '../views/outcome-page.js';

/** Shown as written in the audit log; longer texts belong elsewhere. */
const MAX_COMMENT_CHARACTERS = 2_000;

const DECISION = z.object({
  digest: z.string().min(1).max(200),
  decision: z.enum(['approve', 'reject']),
  comment: z.string().max(MAX_COMMENT_CHARACTERS).optional(),
});

/** Returns the routes of a link: GET shows, POST decides. */
export function approveRoutes(site: Site): Hono {
  const app = new Hono();
  app.get('/approve/:token', (context) => guardUnknown(context, site, () => show(context, site)));
  app.post('/approve/:token', (context) => guardUnknown(context, site, () => decide(context, site)));
  return app;
}

async function show(context: Context, site: Site, refusal?: Refusal): Promise<Response> {
  const token = context.req.param('token') ?? '';
  const state = await openLink(token, site.deps);
  if (state.kind === 'unknown') site.unknownLinks.count(clientAddress(context));
  const page = LinkPage({ state, approver: await approverOf(context, site), here: hereOf(token, site), refusal });
  return context.html(page, refusal === undefined ? statusOf(state) : 409);
}

async function decide(context: Context, site: Site): Promise<Response> {
  const form = DECISION.safeParse(await context.req.parseBody());
  if (!form.success) return messagePage(context, 400, NOT_A_DECISION);
  const { digest, decision, comment } = form.data;
  const token = context.req.param('token') ?? '';
  const session = readSession(context, site);
  try {
    const input = { token, digest, decision, session, comment: commentOf(comment) };
    const request = await decideByLink(input, site.servers, site.deps);
    return await context.html(OutcomePage({ request, decision }));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'NOT_FOUND') site.unknownLinks.count(clientAddress(context));
    // The link's state says best what happened meanwhile: who settled it, or what it drifted on to.
    if (code === 'APPROVAL_STALE' || code === 'APPROVAL_SETTLED') return show(context, site, code);
    throw error;
  }
}

/** Answers a client that keeps opening links that do not exist without looking them up. */
async function guardUnknown(context: Context, site: Site, answer: () => Promise<Response>): Promise<Response> {
  if (!site.unknownLinks.isExceeded(clientAddress(context))) return answer();
  context.header('Retry-After', '60');
  return messagePage(context, 429, TOO_MANY);
}

async function approverOf(context: Context, site: Site): Promise<string | undefined> {
  const session = readSession(context, site);
  return session === undefined ? undefined : approverBySession(session, site.deps);
}

function hereOf(token: string, site: Site): Here {
  const { basePath } = site;
  return { path: `${basePath}/approve/${encodeURIComponent(token)}`, enrolPath: `${basePath}/enrol`, token };
}

/** A text area sends CRLF line breaks (HTML, "constructing the entry list"). */
function commentOf(comment: string | undefined): string | undefined {
  const text = comment?.replaceAll('\r\n', '\n').trim();
  return text === '' ? undefined : text;
}

const NOT_A_DECISION = {
  title: 'That was no decision',
  paragraphs: [
    'Nothing was decided. Open the link again and use the buttons on the page; a comment holds up to 2000 characters.',
  ],
};

const TOO_MANY = {
  title: 'Too many links that lead nowhere',
  paragraphs: ['Nothing was decided. Wait a minute, then open the link from the alert again.'],
};
