import type { Context, MiddlewareHandler } from 'hono';

import { bearerOf } from './authenticate.js';
import type { Site } from './site.js';
import { messagePage } from './views/message-page.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Returns middleware that lets only our own pages change anything, whatever the content type. Attack: cross-site request
 * forgery; a check by content type alone lets a foreign page through with one that needs no preflight.
 */
export function refuseForeignOrigins(site: Site): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const isOwn = isOurs(req.header('origin'), req.header('sec-fetch-site'), site.origin);
    if (READS.includes(req.method) || isOwn || bringsTokenOnly(context)) {
      await next();
      return undefined;
    }
    return messagePage(context, 403, {
      title: 'This did not come from our page',
      code: 'APPROVAL_REFUSED',
      paragraphs: [`Nothing was decided. Open the page at ${site.origin} and use its buttons.`],
    });
  };
}

/**
 * A program with a token, and without the cookie that a browser adds by itself. A foreign page cannot make a browser send
 * `Authorization` without asking first (Fetch, CORS-preflight), and nobody here answers that.
 */
function bringsTokenOnly(context: Context): boolean {
  return bearerOf(context) !== undefined && context.req.header('cookie') === undefined;
}

/** Both must agree where both are there; a client that sends neither is no browser and has no business here. */
function isOurs(origin: string | undefined, fetchSite: string | undefined, expected: string): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false;
  return origin === undefined ? fetchSite === 'same-origin' : origin === expected;
}
