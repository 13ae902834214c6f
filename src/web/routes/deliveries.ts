import { type Context, Hono } from 'hono';

import { SealwatchError } from '../../errors.js';
import { listDeliveries, mayRetry, retryDelivery } from '../../monitor/deliveries.js';
import { answerPage, EVERY_SERVER_ONLY, type Meanings } from '../answer-page.js';
import type { WebEnv } from '../authenticate.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { DeliveriesPage } from '../views/deliveries-page.js';

/** More at once is a channel that is down, and one of them says why. */
const MAX_SHOWN = 200;

/** Returns the page of alerts that did not arrive yet, and the form that sends a dead one again. */
export function deliveriesRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/deliveries', (context) => answerPage(context, site, EVERY_SERVER_ONLY, () => show(context, site)));
  app.post('/deliveries/:id/retry', (context) => answerPage(context, site, NOT_SENT, () => retry(context, site)));
  return app;
}

async function show(context: Context<WebEnv>, site: Site): Promise<Response> {
  const principal = signedIn(context);
  const limit = MAX_SHOWN + 1;
  // The dead ones first and on their own: a flood of waiting ones must not push them off the page.
  const dead = await listDeliveries(principal, { states: ['dead'], limit }, site.deps);
  const waiting = await listDeliveries(principal, { states: ['waiting'], limit }, site.deps);
  const deliveries = [...dead.slice(0, MAX_SHOWN), ...waiting.slice(0, MAX_SHOWN)];
  const isCut = dead.length > MAX_SHOWN || waiting.length > MAX_SHOWN;
  return context.html(
    DeliveriesPage({ principal, basePath: site.basePath, deliveries, mayRetry: mayRetry(principal), isCut }),
  );
}

async function retry(context: Context<WebEnv>, site: Site): Promise<Response> {
  const id = context.req.param('id') ?? '';
  if (!/^\d{1,15}$/.test(id)) throw new SealwatchError('NOT_FOUND', 'no number of a delivery');
  await retryDelivery(signedIn(context), Number(id), site.deps);
  return context.redirect(`${site.basePath}/deliveries`, 303);
}

const NOT_SENT: Meanings = {
  NOT_FOUND: {
    status: 404,
    title: 'No such alert was given up',
    paragraphs: [
      'Nothing was changed. Somebody may have sent it again already: the list of alerts says what holds now.',
    ],
  },
  FORBIDDEN: {
    status: 403,
    title: 'Only an admin sends alerts again',
    paragraphs: ['Nothing was changed. It takes the role admin on every server.'],
  },
};
