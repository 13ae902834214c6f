import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { codeOf } from '../../errors.js';
import { answerConsent, openConsent } from '../../monitor/consent.js';
import { answerPage, type Meanings } from '../answer-page.js';
import type { WebEnv } from '../authenticate.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { ConsentPage, type ConsentRefusal } from '../views/consent-page.js';
import { messagePage } from '../views/message-page.js';

const ANSWER = z.object({ decision: z.enum(['given', 'refused']) });

/** Returns the routes of calls that wait for a person: one of them, and the answer. Nothing but a form of ours, sent by POST, answers. */
export function consentRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/consents/:id', (context) => answerPage(context, site, MEANINGS, () => show(context, site)));
  app.post('/consents/:id', (context) => answerPage(context, site, MEANINGS, () => answer(context, site)));
  return app;
}

async function show(context: Context<WebEnv>, site: Site, refusal?: ConsentRefusal): Promise<Response> {
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const consent = await openConsent(principal, context.req.param('id') ?? '', deps);
  const isExpired = deps.clock.now().toISOString() >= consent.expiresAt;
  const page = ConsentPage({ basePath, principal, consent, isExpired, refusal });
  return context.html(page, refusal === undefined ? 200 : 409);
}

async function answer(context: Context<WebEnv>, site: Site): Promise<Response> {
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const form = ANSWER.safeParse(await context.req.parseBody());
  if (!form.success) return messagePage(context, 400, { ...NOT_UNDERSTOOD, frame: { basePath, principal } });
  const id = context.req.param('id') ?? '';
  try {
    await answerConsent(principal, { id, ...form.data }, deps);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'APPROVAL_STALE' || code === 'APPROVAL_SETTLED') return show(context, site, code);
    throw error;
  }
  return context.redirect(`${basePath}/consents/${id}`, 303);
}

const MEANINGS: Meanings = {
  NOT_FOUND: {
    status: 404,
    title: 'There is no such call',
    paragraphs: [
      'Nothing was decided. It was asked more than ten minutes ago, or it is not for you to decide: that is for whoever calls, and for approvers of the server.',
    ],
  },
};

const NOT_UNDERSTOOD = {
  title: 'That was not understood',
  paragraphs: ['Nothing was decided. Go back and use the buttons on the page.'],
};
