import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

import type { Server } from '../model/server.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { createRateLimit } from './rate-limit.js';
import { approveRoutes } from './routes/approve.js';
import { enrolRoutes } from './routes/enrol.js';
import { healthRoutes } from './routes/health.js';
import { refuseForeignHosts } from './refuse-foreign-hosts.js';
import { refuseForeignOrigins } from './refuse-foreign-origins.js';
import { showError } from './show-error.js';
import { setSecurityHeaders } from './set-security-headers.js';
import type { Site } from './site.js';
import { messagePage } from './views/message-page.js';

/** A form of ours is a digest and a comment; more is no form of ours. */
const MAX_BODY_BYTES = 64 * 1024;

/** A person mistypes a code now and then; 80 random bits stand against a machine, this keeps it from trying for free. */
const ENROL_ATTEMPTS = { limit: 10, windowMs: 10 * 60_000 };
/** Links that lead nowhere: a few old mails, not a search. */
const UNKNOWN_LINKS = { limit: 30, windowMs: 60_000 };

export interface AppOptions {
  readonly servers: readonly Server[];
  readonly deps: MonitorDeps;
  /** Where people reach the pages, without a trailing slash. Its origin is the only one that may post. */
  readonly publicUrl: string;
  /** Names under which the service is reached besides; one without a port stands for every port. */
  readonly allowedHosts: readonly string[];
}

/**
 * Returns the approval pages. They work without JavaScript, and no GET or HEAD writes anything: mail scanners open links.
 *
 * Behind a proxy that adds a path, the proxy takes the path of `publicUrl` off again.
 */
export function createApp(options: AppOptions): Hono {
  const site = siteOf(options);
  const app = new Hono();
  app.use(setSecurityHeaders);
  // Before the host check: a container's health probe comes under whatever name, and learns nothing.
  app.route('/', healthRoutes(site));
  app.use(refuseForeignHosts(site));
  app.use(refuseForeignOrigins(site));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (context) => messagePage(context, 413, TOO_LARGE) }));
  app.route('/', approveRoutes(site));
  app.route('/', enrolRoutes(site));
  app.notFound((context) => messagePage(context, 404, NO_PAGE));
  app.onError((error, context) => showError(error, context, site));
  return app;
}

const TOO_LARGE = {
  title: 'That was too large',
  paragraphs: ['A decision with a comment fits into 64 KB. Nothing was decided.'],
};
const NO_PAGE = {
  title: 'There is no such page',
  paragraphs: ['Open the link from an alert, or list what waits for a decision with `sealwatch pending`.'],
};

function siteOf(options: AppOptions): Site {
  const { servers, deps } = options;
  const url = new URL(options.publicUrl);
  return {
    servers,
    deps,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    isSecure: url.protocol === 'https:',
    hosts: [url.host, ...options.allowedHosts].map((host) => host.toLowerCase()),
    enrolAttempts: createRateLimit(ENROL_ATTEMPTS, deps.clock),
    unknownLinks: createRateLimit(UNKNOWN_LINKS, deps.clock),
  };
}
