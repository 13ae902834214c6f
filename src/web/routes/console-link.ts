import { type Context, Hono } from 'hono';

import type { WebEnv } from '../authenticate.js';
import type { Site } from '../site.js';
import { messagePage } from '../views/message-page.js';
import { ConsoleLinkPage } from '../views/sign-in-page.js';
import { guardAttempts, signInAs } from './sign-in.js';

/** Returns the routes of the link on the console: GET shows a button, POST signs in, since whatever opens links must not use it up. */
export function consoleLinkRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/sign-in/console/:token', (context) => show(context, site));
  app.post('/sign-in/console/:token', (context) => guardAttempts(context, site, () => redeem(context, site)));
  return app;
}

function show(context: Context<WebEnv>, site: Site): Response | Promise<Response> {
  const token = context.req.param('token') ?? '';
  if (site.consoleLink?.isValid(token) !== true) return messagePage(context, 404, NOT_VALID);
  return context.html(ConsoleLinkPage({ path: `${site.basePath}/sign-in/console/${encodeURIComponent(token)}` }));
}

async function redeem(context: Context<WebEnv>, site: Site): Promise<Response> {
  const principal = site.consoleLink?.redeem(context.req.param('token') ?? '');
  if (principal === undefined) return messagePage(context, 403, NOT_VALID);
  await signInAs(context, site, principal);
  return context.redirect(`${site.basePath}/`, 303);
}

const NOT_VALID = {
  title: 'This sign-in link is not valid',
  code: 'SIGN_IN_FAILED',
  paragraphs: [
    'Nobody was signed in. A link from the console works once and for 15 minutes after the service was started: start it again for a new one.',
  ],
};
