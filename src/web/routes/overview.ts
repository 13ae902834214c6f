import { type Context, Hono } from 'hono';

import { overview } from '../../monitor/overview.js';
import type { WebEnv } from '../authenticate.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { OverviewPage } from '../views/overview-page.js';

const DAYS = 30;

/** A page on a wall may load itself anew, never more often than this: each load reads the store. */
const MIN_REFRESH_SECONDS = 10;
const MAX_REFRESH_SECONDS = 86_400;

/** Returns the page for the wall. `?refresh=60` lets it load itself anew every so many seconds. */
export function overviewRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/overview', (context) => show(context, site));
  return app;
}

async function show(context: Context<WebEnv>, site: Site): Promise<Response> {
  const principal = signedIn(context);
  const made = await overview(principal, site.servers, { days: DAYS }, site.deps);
  const seconds = refreshSeconds(context.req.query('refresh'));
  // Only where it was asked for: a page that moves by itself disturbs whoever reads it slowly (WCAG 2.2, 2.2.1).
  if (seconds !== undefined) context.header('Refresh', String(seconds));
  return context.html(OverviewPage({ principal, basePath: site.basePath, overview: made }));
}

function refreshSeconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  return Math.min(Math.max(Number(text), MIN_REFRESH_SECONDS), MAX_REFRESH_SECONDS);
}
