import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

import type { Site } from './site.js';

/** Returns the session that the browser was enrolled with; it is worth nothing until the store knows it. */
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

/** The prefix makes browsers refuse one set by a sibling domain or without TLS (RFC 6265bis, section 4.1.3.2). */
function cookieName(site: Site): string {
  return site.isSecure ? '__Host-sealwatch' : 'sealwatch';
}
