import { Hono } from 'hono';

import type { WebEnv } from '../authenticate.js';
import type { Site } from '../site.js';
import { refuse } from './answer-error.js';
import { openApiDocument } from './openapi.js';
import type { Operation } from './operation.js';
import { operationsOf } from './operations.js';

const PREFIX = '/api/v1';

/** Returns the JSON API. It answers by itself whatever is below `/api`, so that no program is sent to a page to sign in. */
export function apiRoutes(site: Site): Hono<WebEnv> {
  const app = new Hono<WebEnv>();
  const operations = operationsOf(site);
  const document = openApiDocument(operations, `${site.origin}${site.basePath}${PREFIX}`);
  // What the API can do is public, like the program: it names no server and nobody.
  app.get('/api/openapi.json', (context) => context.json(document));
  for (const operation of operations) mount(app, operation, site);
  app.all('/api/*', (context) => refuse(context, NOWHERE));
  app.all('/api', (context) => refuse(context, NOWHERE));
  return app;
}

function mount(app: Hono<WebEnv>, operation: Operation, site: Site): void {
  const path = `${PREFIX}${operation.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  app.on(operation.method.toUpperCase(), path, (context) => {
    const principal = context.get('principal');
    if (principal !== undefined) return operation.run({ principal, site, context });
    context.header('WWW-Authenticate', 'Bearer realm="sealwatch"');
    return refuse(context, UNKNOWN);
  });
}

const UNKNOWN = {
  status: 401,
  code: 'SIGN_IN_REQUIRED',
  message: 'send a token of `sealwatch token add` in the header Authorization, or sign in with a browser',
} as const;

const NOWHERE = { status: 404, code: 'NOT_FOUND', message: 'there is nothing under this address' } as const;
