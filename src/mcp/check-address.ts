import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

import ipaddr from 'ipaddr.js';

import { SealwatchError } from '../errors.js';
import type { Network } from '../model/allowlist.js';
import { quote } from '../quote.js';

/** Addresses that a connection may go to: `loopback` where the configured host can be nothing else. */
export type Reach = Network | 'loopback';

/** Returns where a connection to a host may go; a host that is this machine may not resolve to another. */
export function reachOf(host: string, network: Network): Reach {
  const name = bare(host).toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return ipaddr.isValid(name) && rangeOf(name) === 'loopback' ? 'loopback' : network;
}

/** @throws {SealwatchError} `CONNECT_PRIVATE_ADDRESS` where a host is written as an address that may not be connected to. */
export function checkHost(host: string, reach: Reach): void {
  const name = bare(host);
  if (ipaddr.isValid(name)) checkAddress(name, name, reach);
}

/**
 * Returns a lookup for sockets. It looks at the addresses that the socket will use, at the moment of use: a name that meant
 * another machine a moment ago, and means one of ours now, is refused.
 */
export function checkedLookup(reach: Reach, resolve: typeof lookup = lookup): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      try {
        for (const { address } of found) checkAddress(host, address, reach);
      } catch (refusal) {
        callback(refusal as Error, '', 0);
        return;
      }
      answer(found, options.all === true, callback);
    });
  };
}

function answer(found: LookupAddress[], isAll: boolean, callback: Parameters<LookupFunction>[2]): void {
  const [first] = found;
  if (isAll) callback(null, found);
  else callback(null, first?.address ?? '', first?.family ?? 0);
}

function checkAddress(host: string, address: string, reach: Reach): void {
  const range = rangeOf(address);
  if (isWithin(range, reach)) return;
  const where = host === address ? quote(host, 60) : `${quote(host, 120)}, which is ${quote(address, 60)} now,`;
  const remedy = reach === 'loopback' ? '' : '; if that is right, write "network: private"';
  throw new SealwatchError(
    'CONNECT_PRIVATE_ADDRESS',
    `${where} is not a public address but ${NAMES[range] ?? range}${remedy}`,
  );
}

type Range = ReturnType<ipaddr.IPv4['range']> | ReturnType<ipaddr.IPv6['range']>;

/** An IPv4 address that is written as an IPv6 one counts as what it is. */
function rangeOf(address: string): Range {
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  return range === 'unicast' && parsed.kind() === 'ipv6' && !isGlobal(parsed as ipaddr.IPv6) ? 'reserved' : range;
}

/** RFC 4291, section 2.5.4, and what IANA gives out: 2000::/3. The rest holds old forms such as `::10.0.0.1` (section 2.5.5.1). */
function isGlobal(address: ipaddr.IPv6): boolean {
  return address.match(ipaddr.IPv6.parse('2000::'), 3);
}

function isWithin(range: Range, reach: Reach): boolean {
  if (reach === 'loopback') return range === 'loopback';
  if (reach === 'public') return range === 'unicast';
  return !NEVER.includes(range);
}

/** Nobody answers there alone. */
const NEVER: readonly Range[] = ['unspecified', 'multicast', 'broadcast'];

const NAMES: Readonly<Partial<Record<Range, string>>> = {
  private: 'of a private network',
  uniqueLocal: 'of a private network',
  carrierGradeNat: 'of a private network',
  loopback: 'this machine',
  linkLocal: 'link-local',
  unicast: 'of another machine',
};

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
