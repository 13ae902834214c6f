import { Hono } from 'hono';

import { codeOf } from '../../errors.js';
import type { Site } from '../site.js';

/** Returns the route that says whether the service can work: it cannot without its store. */
export function healthRoutes(site: Site): Hono {
  const app = new Hono();
  app.get('/healthz', async (context) => {
    try {
      await site.deps.store.dataVersion();
      return context.json({ status: 'ok' });
    } catch (error) {
      // Turned into data: a probe wants to know that it failed, and the code says how.
      return context.json({ status: 'failing', code: codeOf(error) }, 503);
    }
  });
  return app;
}
