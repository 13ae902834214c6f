import type { MiddlewareHandler } from 'hono';

import { clientAddress, forwarded, peerAddress } from './client-address.js';
import type { Site } from './site.js';
import { messagePage } from './views/message-page.js';

/**
 * Returns middleware that answers nobody whose connection is readable on the way.
 *
 * A listener without TLS that other machines reach is for its proxies: somebody beside them would read and send cookies in the
 * clear, and could claim any address. And a proxy that took a request without TLS says so.
 */
export function refusePlainConnections(site: Site): MiddlewareHandler {
  return async (context, next) => {
    const peer = peerAddress(context);
    if (site.reachedBy === 'proxies' && !site.isTrustedProxy(peer) && !isThisMachine(peer)) {
      site.deps.logger.warn(`refused a connection from ${clientAddress(context, site)}, which is no trusted proxy`);
      return messagePage(context, 403, NOT_DIRECTLY);
    }
    if (site.isSecure && forwarded(context, site, 'x-forwarded-proto') === 'http') {
      return messagePage(context, 403, { ...NOT_PLAIN, paragraphs: [`Open it at ${site.origin}${site.basePath}/`] });
    }
    await next();
    return undefined;
  };
}

function isThisMachine(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

const NOT_DIRECTLY = {
  title: 'Not on this way',
  paragraphs: ['These pages are reached by the proxy in front of them, over https.'],
};

const NOT_PLAIN = { title: 'Only over https' };
