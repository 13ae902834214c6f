import type { Context, MiddlewareHandler } from 'hono';

import type { Principal } from '../model/principal.js';
import { principalByToken } from '../monitor/api-token.js';
import { principalBySession } from '../monitor/session.js';
import { clientAddress } from './client-address.js';
import { readSession } from './session-cookie.js';
import type { Site } from './site.js';
import { messagePage } from './views/message-page.js';

/** What middleware leaves for the routes. */
export interface WebEnv {
  Variables: {
    /** Who is signed in; `undefined` where nobody is. */
    principal: Principal | undefined;
  };
}

/**
 * Returns middleware that finds out who asks; whether that is enough is said where something is shown or done.
 *
 * Under `/api` a token in `Authorization` outranks the cookie, also one that is nobody's: who sends a token means to be its owner.
 */
export function authenticate(site: Site): MiddlewareHandler<WebEnv> {
  return async (context, next) => {
    const token = bearerOf(context);
    const principal = token === undefined ? await bySession(context, site) : await principalByToken(token, site.deps);
    if (token !== undefined && principal === undefined && isSearching(context, site)) {
      context.header('Retry-After', '60');
      return context.json({ error: { code: 'FORBIDDEN', message: 'too many tokens that are nobody’s' } }, 429);
    }
    context.set('principal', principal);
    await next();
    return undefined;
  };
}

/** Returns middleware for what only somebody who is known may see: others are sent to sign in, and come back after it. */
export function requireSignIn(site: Site): MiddlewareHandler<WebEnv> {
  return async (context, next) => {
    if (context.get('principal') !== undefined) {
      await next();
      return undefined;
    }
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') return messagePage(context, 401, NOT_SIGNED_IN);
    return context.redirect(`${site.basePath}/sign-in?to=${encodeURIComponent(pathOf(context))}`, 303);
  };
}

/** Returns whether a request is for the JSON API, and brings a token instead of a cookie: no foreign page can make a browser do that. */
export function bearerOf(context: Context): string | undefined {
  if (!context.req.path.startsWith('/api/')) return undefined;
  const header = context.req.header('authorization');
  return header === undefined ? undefined : (/^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
}

async function bySession(context: Context, site: Site): Promise<Principal | undefined> {
  const secret = readSession(context, site);
  if (secret === undefined) return undefined;
  const principal = await principalBySession(secret, site.deps, site.sessionLimits);
  // The console spoke for whoever runs the service; since a provider is configured, it says who that is.
  return principal?.how === 'console' && site.consoleLink === undefined ? undefined : principal;
}

/** Counts a token that is nobody's. One that is somebody's works in spite of it: others behind the same address are not locked out. */
function isSearching(context: Context, site: Site): boolean {
  const client = clientAddress(context, site);
  if (site.unknownTokens.isExceeded(client)) return true;
  site.unknownTokens.count(client);
  return false;
}

function pathOf(context: Context): string {
  const { pathname, search } = new URL(context.req.url);
  return `${pathname}${search}`;
}

const NOT_SIGNED_IN = {
  title: 'Sign in first',
  paragraphs: ['Nothing was changed. Sign in, open the page again and use its buttons.'],
  code: 'FORBIDDEN',
};
