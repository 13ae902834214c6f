import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { codeOf } from '../../errors.js';
import { decideByLink, openLink } from '../../monitor/link.js';
import type { WebEnv } from '../authenticate.js';
import { clientAddress } from '../client-address.js';
import { formText } from '../form-text.js';
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
export function approveRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/approve/:token', (context) => guardUnknown(context, site, () => show(context, site)));
  app.post('/approve/:token', (context) => guardUnknown(context, site, () => decide(context, site)));
  // A link that was cut off is told so, and not asked to sign in.
  app.all('/approve/*', (context) => guardUnknown(context, site, () => showUnknown(context, site)));
  return app;
}

async function show(context: Context<WebEnv>, site: Site, refusal?: Refusal): Promise<Response> {
  const token = context.req.param('token') ?? '';
  const state = await openLink(token, site.deps);
  if (state.kind === 'unknown') site.unknownLinks.count(clientAddress(context, site));
  const page = LinkPage({ state, principal: context.get('principal'), here: hereOf(token, site), refusal });
  return context.html(page, refusal === undefined ? statusOf(state) : 409);
}

async function showUnknown(context: Context<WebEnv>, site: Site): Promise<Response> {
  const state = { kind: 'unknown' } as const;
  const page = LinkPage({ state, principal: context.get('principal'), here: hereOf('', site), refusal: undefined });
  return context.html(page, statusOf(state));
}

async function decide(context: Context<WebEnv>, site: Site): Promise<Response> {
  const form = DECISION.safeParse(await context.req.parseBody());
  if (!form.success) return messagePage(context, 400, NOT_A_DECISION);
  const { digest, decision, comment } = form.data;
  const token = context.req.param('token') ?? '';
  const principal = context.get('principal');
  try {
    const input = { token, digest, decision, principal, comment: formText(comment) };
    const request = await decideByLink(input, site.servers, site.deps);
    return await context.html(OutcomePage({ request, basePath: site.basePath, principal }));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'NOT_FOUND') site.unknownLinks.count(clientAddress(context, site));
    // The link's state says best what happened meanwhile: who settled it, or what it drifted on to.
    if (code === 'APPROVAL_STALE' || code === 'APPROVAL_SETTLED') return show(context, site, code);
    throw error;
  }
}

/** Answers a client that keeps opening links that do not exist without looking them up. */
async function guardUnknown(context: Context<WebEnv>, site: Site, answer: () => Promise<Response>): Promise<Response> {
  if (!site.unknownLinks.isExceeded(clientAddress(context, site))) return answer();
  context.header('Retry-After', '60');
  return messagePage(context, 429, TOO_MANY);
}

function hereOf(token: string, site: Site): Here {
  const { basePath } = site;
  return { basePath, path: `${basePath}/approve/${encodeURIComponent(token)}`, enrolPath: `${basePath}/enrol`, token };
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
