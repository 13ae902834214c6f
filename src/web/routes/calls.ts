import { type Context, Hono } from 'hono';

import { readCalls } from '../../monitor/calls.js';
import { answerPage, EVERY_SERVER_ONLY } from '../answer-page.js';
import type { WebEnv } from '../authenticate.js';
import { parseCallQuery } from '../call-query.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { CallsPage } from '../views/calls-page.js';
import { messagePage } from '../views/message-page.js';
import { NOT_A_SEARCH, parsePosition } from './audit.js';

/** As many as a page can show and a person can read. */
const CALLS_PER_PAGE = 50;

/** Returns the log of calls as a page. Nothing here writes. */
export function callRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/calls', (context) => answerPage(context, site, EVERY_SERVER_ONLY, () => show(context, site)));
  return app;
}

async function show(context: Context<WebEnv>, { basePath, deps }: Site): Promise<Response> {
  const query = parseCallQuery(context.req.query());
  const before = parsePosition(context.req.query('before'));
  const principal = signedIn(context);
  if (query === undefined || before === 'invalid')
    return messagePage(context, 400, { ...NOT_A_SEARCH, frame: { basePath, principal } });
  const place = before === undefined ? {} : { before };
  // One more than is shown tells whether there is another page.
  const found = await readCalls(principal, { ...query.filter, ...place, limit: CALLS_PER_PAGE + 1 }, deps.callLog);
  const calls = found.slice(0, CALLS_PER_PAGE);
  const older = found.length > CALLS_PER_PAGE ? calls.at(-1)?.index : undefined;
  const { fields } = query;
  return context.html(CallsPage({ principal, basePath, fields, calls, older, isFirstPage: before === undefined }));
}
