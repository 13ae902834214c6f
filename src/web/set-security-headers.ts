import type { MiddlewareHandler } from 'hono';

import { STYLE_HASH } from './stylesheet.js';

const POLICY = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Sets what keeps a page from loading, being framed, being cached or telling its address: the address holds the token. */
export const setSecurityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header('Content-Security-Policy', POLICY);
  // Not `no-referrer`: under that policy browsers send `Origin: null` with our own forms too (Fetch, "append a request
  // Origin header"), and the check of the origin would be worth nothing. Other sites get no address either way.
  context.header('Referrer-Policy', 'same-origin');
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('X-Frame-Options', 'DENY');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  context.header('Permissions-Policy', 'camera=(), geolocation=(), microphone=()');
  context.header('X-Robots-Tag', 'noindex, nofollow');
  context.header('Cache-Control', 'no-store');
};
