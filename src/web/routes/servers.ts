import { type Context, Hono } from 'hono';
import { z } from 'zod';

import { SealwatchError } from '../../errors.js';
import { compareVersions, loadHistory } from '../../monitor/compare-versions.js';
import { loadServer } from '../../monitor/server-detail.js';
import { listServers, SERVER_STATES } from '../../monitor/servers.js';
import { answerPage, type Meanings } from '../answer-page.js';
import type { WebEnv } from '../authenticate.js';
import { signedIn } from '../signed-in.js';
import type { Site } from '../site.js';
import { ComparePage } from '../views/compare-page.js';
import { messagePage } from '../views/message-page.js';
import { ServerPage } from '../views/server-page.js';
import { ServersPage } from '../views/servers-page.js';

const FILTER = z.object({
  state: z.union([z.literal(''), z.enum(SERVER_STATES)]).default(''),
  label: z.string().max(200).default(''),
  q: z.string().max(200).default(''),
});

const VERSION = z.string().min(1).max(300);

/** A name may have a thousand characters, each of which takes up to nine in a reference. */
const COMPARISON = z.object({
  ref: z.string().min(1).max(20_000),
  from: VERSION.optional(),
  to: VERSION.optional(),
});

/** Returns the pages of servers: all of them, one, and the versions of one of its definitions. Nothing here writes. */
export function serversRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  app.get('/servers', (context) => list(context, site));
  app.get('/servers/:id', (context) => answerPage(context, site, NO_SERVER, () => show(context, site)));
  app.get('/servers/:id/compare', (context) => answerPage(context, site, NO_DEFINITION, () => compare(context, site)));
  return app;
}

async function list(context: Context<WebEnv>, site: Site): Promise<Response> {
  const query = FILTER.safeParse(context.req.query());
  const { basePath, deps } = site;
  const principal = signedIn(context);
  if (!query.success) return messagePage(context, 400, { ...NO_FILTER, frame: { basePath, principal } });
  const servers = await listServers(principal, site.servers, deps);
  const { state, label, q } = query.data;
  const filter = { state, label, text: q };
  return context.html(ServersPage({ principal, basePath, now: deps.clock.now(), filter, servers }));
}

async function show(context: Context<WebEnv>, site: Site): Promise<Response> {
  const { basePath, deps } = site;
  const principal = signedIn(context);
  const server = await loadServer(principal, context.req.param('id') ?? '', site.servers, deps);
  return context.html(ServerPage({ principal, basePath, now: deps.clock.now(), server }));
}

async function compare(context: Context<WebEnv>, site: Site): Promise<Response> {
  const query = COMPARISON.safeParse(context.req.query());
  const { basePath, deps } = site;
  const principal = signedIn(context);
  if (!query.success) return messagePage(context, 400, { ...NO_COMPARISON, frame: { basePath, principal } });
  const { ref, from, to } = query.data;
  const history = await loadHistory(principal, ref, deps);
  if (history.ref.server !== context.req.param('id')) throw new SealwatchError('NOT_FOUND', 'of another server');
  const comparison =
    from === undefined || to === undefined
      ? undefined
      : await compareVersions(principal, { refText: history.refText, from, to }, deps);
  return context.html(ComparePage({ principal, basePath, history, comparison }));
}

const NO_FILTER = {
  title: 'That is no list of servers',
  paragraphs: [
    'The address asks for a state that there is not, or for more than 200 characters. Choose in the form of the page.',
  ],
};

const NO_COMPARISON = {
  title: 'That is no comparison',
  paragraphs: ['The address has to name a definition, and two versions of it. Choose them on the page of the server.'],
};

const NO_SERVER: Meanings = {
  NOT_FOUND: {
    status: 404,
    title: 'There is no such server',
    paragraphs: ['No server of this name is configured or was ever checked, or it is not yours to see.'],
  },
};

const NO_DEFINITION: Meanings = {
  NOT_FOUND: {
    status: 404,
    title: 'There is no such definition or version',
    paragraphs: ['It was never seen on this server, or the server is not yours to see.'],
  },
  REF_INVALID: {
    status: 400,
    title: 'That names no definition',
    paragraphs: ['A definition is named by server, kind and name: `github/tool/create_issue`.'],
  },
};
