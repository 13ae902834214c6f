import { isIPv6 } from 'node:net';

import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * Returns whom to count a request for: the address of the connection.
 *
 * `X-Forwarded-For` is not read: anybody can write it. Behind a proxy all clients therefore share one limit.
 */
export function clientAddress(context: Context): string {
  return networkOf(getConnInfo(context).remote.address ?? 'unknown');
}

/** Returns the address, for IPv6 its /64, since one host has all of it; an IPv4 address in IPv6 clothes (RFC 4291) is an IPv4 address. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? prefixOf(address) : address;
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
