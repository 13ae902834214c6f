import type { IncomingMessage } from 'node:http';

/** By what way a listener is reached. */
export interface Reach {
  readonly isTrustedProxy: (address: string) => boolean;
  /** `proxies`: of other machines only those may connect, since what comes from elsewhere came without TLS. */
  readonly reachedBy: 'anyone' | 'proxies';
  /** Whether clients reach it over https. */
  readonly isSecure: boolean;
}

/**
 * Whether somebody on the way could read a request, and with it a token: it came to a listener without TLS from beside the proxies, or a
 * proxy says that it took it without TLS.
 */
export function isReadableOnTheWay(
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
  { isTrustedProxy, reachedBy, isSecure }: Reach,
): boolean {
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isTrustedProxy(peer)) return isSecure && schemeOf(headers['x-forwarded-proto']) === 'http';
  return reachedBy === 'proxies' && peer !== '::1' && !peer.startsWith('127.');
}

/** The last value, where several proxies each added one. */
function schemeOf(header: string | readonly string[] | undefined): string | undefined {
  return String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim()
    .toLowerCase();
}
