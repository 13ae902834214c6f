import type { MiddlewareHandler } from 'hono';

import { forwarded } from './client-address.js';
import type { Site } from './site.js';
import { messagePage } from './views/message-page.js';

/**
 * Returns middleware that answers only under our own names. Attack: DNS rebinding, where a page of a foreign name that
 * suddenly resolves to this machine would be of the same origin as what it reads here. A trusted proxy may name the host itself.
 */
export function refuseForeignHosts(site: Site): MiddlewareHandler {
  return async (context, next) => {
    const host = forwarded(context, site, 'x-forwarded-host') ?? context.req.header('host') ?? '';
    if (isOurs(host, site.hosts)) {
      await next();
      return undefined;
    }
    return messagePage(context, 421, {
      title: 'Not this address',
      paragraphs: ['The approval pages are not served under this name. Open them at the address that the alerts name.'],
    });
  };
}

function isOurs(host: string, hosts: readonly string[]): boolean {
  const name = host.toLowerCase();
  return hosts.includes(name) || hosts.includes(name.replace(/:\d+$/, ''));
}
