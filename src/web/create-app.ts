import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import { apiRoutes } from './api/routes.js';
import { authenticate, requireSignIn, type WebEnv } from './authenticate.js';
import { type AppOptions, createSite } from './create-site.js';
import { approveRoutes } from './routes/approve.js';
import { auditRoutes } from './routes/audit.js';
import { callRoutes } from './routes/calls.js';
import { consentRoutes } from './routes/consents.js';
import { consoleLinkRoutes } from './routes/console-link.js';
import { deliveriesRoutes } from './routes/deliveries.js';
import { enrolRoutes } from './routes/enrol.js';
import { healthRoutes } from './routes/health.js';
import { inboxRoutes } from './routes/inbox.js';
import { overviewRoutes } from './routes/overview.js';
import { requestRoutes } from './routes/requests.js';
import { serversRoutes } from './routes/servers.js';
import { signInRoutes } from './routes/sign-in.js';
import { refuseForeignHosts } from './refuse-foreign-hosts.js';
import { refuseForeignOrigins } from './refuse-foreign-origins.js';
import { refusePlainConnections } from './refuse-plain-connections.js';
import { showError } from './show-error.js';
import { setSecurityHeaders } from './set-security-headers.js';
import { messagePage } from './views/message-page.js';

/** The largest form of ours ticks a thousand requests; more is no form of ours. */
const MAX_BODY_BYTES = 128 * 1024;

/**
 * Returns the approval pages. They work without JavaScript, and no GET or HEAD writes anything: mail scanners open links.
 *
 * Behind a proxy that adds a path, the proxy takes the path of `publicUrl` off again.
 */
export function createApp(options: AppOptions): Hono<WebEnv> {
  const site = createSite(options);
  const app = new Hono<WebEnv>();
  app.use(setSecurityHeaders);
  // Before the host check: a container's health probe comes under whatever name, and learns nothing.
  app.route('/', healthRoutes(site));
  app.use(refusePlainConnections(site));
  app.use(refuseForeignHosts(site));
  app.use(refuseForeignOrigins(site));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => messagePage(context, 413, TOO_LARGE) }));
  app.use(authenticate(site));
  app.route('/', approveRoutes(site));
  app.route('/', enrolRoutes(site));
  app.route('/', signInRoutes(site));
  app.route('/', consoleLinkRoutes(site));
  // Before the way to the sign-in page, which is nothing for a program.
  app.route('/', apiRoutes(site));
  app.use(requireSignIn(site));
  app.route('/', inboxRoutes(site));
  app.route('/', requestRoutes(site));
  app.route('/', consentRoutes(site));
  app.route('/', serversRoutes(site));
  app.route('/', overviewRoutes(site));
  app.route('/', auditRoutes(site));
  app.route('/', callRoutes(site));
  app.route('/', deliveriesRoutes(site));
  app.notFound((context) => messagePage(context, 404, NO_PAGE));
  app.onError((error, context) => showError(error, context, site));
  return app;
}

const TOO_LARGE = {
  title: 'That was too large',
  paragraphs: ['What our forms send fits into 128 KB. Nothing was decided.'],
};
const NO_PAGE = {
  title: 'There is no such page',
  paragraphs: ['Open the link from an alert, or list what waits for a decision with `sealwatch pending`.'],
};
