import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';

import { codeOf } from '../../errors.js';
import { isFromHere } from '../../model/is-from-here.js';
import { hasRoleEverywhere } from '../../model/principal.js';
import { principalByToken } from '../../monitor/api-token.js';
import { refuseForeignHosts } from '../refuse-foreign-hosts.js';
import { refusePlainConnections } from '../refuse-plain-connections.js';
import type { Site } from '../site.js';

/**
 * Returns the routes for whoever runs the service: `/healthz` says whether it works at all (it cannot without its store), `/readyz`
 * whether it does all its work, `/metrics` gives figures to this machine and to holders of an API token.
 */
export function healthRoutes(site: Site): Hono {
  const { store, telemetry } = site.deps;
  const app = new Hono();
  app.get('/healthz', async (context) => {
    const failure = await failureOf(() => store.dataVersion());
    return failure === undefined ? context.json({ status: 'ok' }) : context.json(failing(failure), 503);
  });
  app.get('/readyz', async (context) => {
    const failure = await failureOf(() => store.checkWritable());
    if (failure !== undefined) return context.json({ ...failing(failure), missing: ['store'] }, 503);
    const missing = telemetry.missing();
    if (missing.length > 0) return context.json({ status: 'starting', missing }, 503);
    return context.json({ status: 'ready' });
  });
  // A page that points its own name at this machine reaches it from this machine (DNS rebinding).
  app.use('/metrics', refusePlainConnections(site), refuseForeignHosts(site));
  app.get('/metrics', async (context) => {
    if (!isLocal(context) && !(await hasToken(context, site))) {
      context.header('www-authenticate', 'Bearer');
      return context.text('figures are for this machine and for holders of an API token\n', 401);
    }
    const figures = await telemetry.figures();
    if (figures === undefined) return context.text('no figures are kept\n', 404);
    return context.body(figures, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  return app;
}

/** Turned into data: a probe wants to know that it failed, and the code says how. */
async function failureOf(action: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function failing(code: string): Readonly<Record<string, string>> {
  return { status: 'failing', code };
}

function isLocal(context: Context): boolean {
  return isFromHere(addressOf(context), (name) => context.req.header(name) !== undefined);
}

function addressOf(context: Context): string {
  return getConnInfo(context).remote.address ?? '';
}

async function hasToken(context: Context, { deps }: Site): Promise<boolean> {
  const [, token] = /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  const principal = token === undefined ? undefined : await principalByToken(token, deps);
  return principal !== undefined && hasRoleEverywhere(principal, 'viewer');
}
