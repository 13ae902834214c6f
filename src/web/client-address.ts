import { isIP, isIPv6 } from 'node:net';

import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

import type { Site } from './site.js';

/**
 * Returns whom to count a request for: the address of the connection, or, where that is a trusted proxy, the one the proxy names.
 *
 * Of `X-Forwarded-For` the rightmost address that is no trusted proxy counts: everything left of it, anybody can have written.
 */
export function clientAddress(context: Context, site: Pick<Site, 'isTrustedProxy'>): string {
  const peer = peerAddress(context);
  if (!site.isTrustedProxy(peer)) return networkOf(peer);
  const named = (context.req.header('x-forwarded-for') ?? '').split(',').map((part) => bare(part.trim()));
  const client = named.reverse().find((address) => !site.isTrustedProxy(address));
  return networkOf(client !== undefined && isIP(client) !== 0 ? client : peer);
}

/** Returns a header that only a trusted proxy may set; its last value, where several proxies each added one. */
export function forwarded(
  context: Context,
  site: Pick<Site, 'isTrustedProxy'>,
  name: 'x-forwarded-proto' | 'x-forwarded-host',
): string | undefined {
  if (!site.isTrustedProxy(peerAddress(context))) return undefined;
  const value = context.req.header(name)?.split(',').at(-1)?.trim().toLowerCase();
  return value === '' ? undefined : value;
}

/** Returns the address of the connection, an IPv4 address as such. */
export function peerAddress(context: Context): string {
  return withoutMapping(getConnInfo(context).remote.address ?? 'unknown');
}

/** Returns the address, for IPv6 its /64, since one host has all of it; an IPv4 address in IPv6 clothes (RFC 4291) is an IPv4 address. */
export function networkOf(address: string): string {
  const plain = withoutMapping(address);
  return isIPv6(plain) ? prefixOf(plain) : plain;
}

function withoutMapping(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** Some proxies write a port behind the address: `192.0.2.1:4711`, `[2001:db8::1]:4711` (RFC 7239, section 6). */
function bare(text: string): string {
  return (
    /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? withoutMapping(text)
  );
}

function prefixOf(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const left = groupsOf(head);
  const zeros = tail === undefined ? 0 : 8 - left.length - groupsOf(tail).length;
  return [...left, ...Array<string>(Math.max(zeros, 0)).fill('0'), ...groupsOf(tail ?? '')].slice(0, 4).join(':');
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.toLowerCase().split(':');
}
