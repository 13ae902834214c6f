import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

import { PENDING_LIFETIME_MS } from './pending-sign-ins.js';
import type { Site } from './site.js';

/** Returns the session that the browser was signed in or enrolled with; it is worth nothing until the store knows it. */
export function readSession(context: Context, site: Site): string | undefined {
  return getCookie(context, cookieName(site));
}

/**
 * Gives the browser its session.
 *
 * `Lax`, not `Strict`: the link is followed from a web mailer, which is another site, and a strict cookie would be missing on
 * exactly that request, so that the page asked an enrolled person to enrol. What decides is a POST, and that carries a lax
 * cookie only from our own pages, whose origin is checked besides.
 */
export function writeSession(
  context: Context,
  site: Site,
  enrolled: { readonly session: string; readonly expiresAt: string },
): void {
  const lifetimeMs = Date.parse(enrolled.expiresAt) - site.deps.clock.now().getTime();
  setCookie(context, cookieName(site), enrolled.session, {
    httpOnly: true,
    sameSite: 'Lax',
    secure: site.isSecure,
    path: '/',
    maxAge: Math.max(0, Math.floor(lifetimeMs / 1000)),
  });
}

/** Takes the session from the browser. It has to be ended as well: a copy of the cookie would go on. */
export function clearSession(context: Context, site: Site): void {
  deleteCookie(context, cookieName(site), { path: '/', secure: site.isSecure });
}

/** Ties a sign-in that is under way to this browser. Attack: a foreign page that sends a person to the callback with another's code. */
export function writePending(context: Context, site: Site, key: string): void {
  setCookie(context, `${cookieName(site)}-sign-in`, key, {
    httpOnly: true,
    // The provider sends the browser back from another site: a strict cookie would be missing there.
    sameSite: 'Lax',
    secure: site.isSecure,
    path: '/',
    maxAge: PENDING_LIFETIME_MS / 1000,
  });
}

/** Returns the key of the sign-in that this browser began, and takes it from the browser. */
export function takePending(context: Context, site: Site): string | undefined {
  return deleteCookie(context, `${cookieName(site)}-sign-in`, { path: '/', secure: site.isSecure });
}

/** The prefix makes browsers refuse one set by a sibling domain or without TLS (RFC 6265bis, section 4.1.3.2). */
function cookieName(site: Site): string {
  return site.isSecure ? '__Host-sealwatch' : 'sealwatch';
}
