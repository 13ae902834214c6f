import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

import { SealwatchError } from '../errors.js';
import type { Pin, TlsRules } from '../model/tls.js';
import { chainOf, endOf, pinOf } from './certificate-chain.js';
import { checkedLookup, checkHost, type Reach } from './check-address.js';
import { connectError } from './http-error.js';

/** What a server shows to whoever connects. Names are its text. */
export interface ServerChain {
  readonly protocol: string;
  /** Why the certificate is not valid; `undefined` where it is. */
  readonly problem: string | undefined;
  /** From its own to the root, as far as each was signed by the next. */
  readonly certificates: readonly ShownLink[];
}

export interface ShownLink {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601 */
  readonly expiresAt: string | undefined;
  readonly pin: Pin;
}

/** How a chain is read. */
export interface ReadChainOptions {
  readonly tls: Pick<TlsRules, 'ca' | 'client' | 'minVersion'>;
  /** Of the whole handshake: a server could send a byte of it now and then. */
  readonly timeoutMs: number;
  /** Where the host may be; `undefined` where a person named the address. */
  readonly reach: Reach | undefined;
}

/**
 * Returns the certificates of a server. Nothing is asked of it: the connection is closed after the handshake.
 *
 * @throws {SealwatchError} `OBSERVE_CONNECT_FAILED`, `OBSERVE_TIMEOUT`, `CONNECT_PRIVATE_ADDRESS`, `TLS_VERSION`
 */
export async function readChain(url: URL, options: ReadChainOptions): Promise<ServerChain> {
  const socket = await shake(url, options);
  try {
    return {
      protocol: socket.getProtocol() ?? 'TLS',
      problem: socket.authorized ? undefined : problemOf(socket),
      certificates: chainOf(socket).map(linkOf),
    };
  } finally {
    socket.destroy();
  }
}

async function shake({ hostname, port }: URL, { tls, timeoutMs, reach }: ReadChainOptions): Promise<TLSSocket> {
  const { ca, client, minVersion } = tls;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (reach !== undefined) checkHost(host, reach);
  return await new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(reach === undefined ? {} : { lookup: checkedLookup(reach) }),
      ...(ca === undefined ? {} : { ca }),
      ...client,
      minVersion,
      // It is looked at, not trusted: whether it is valid is part of the answer, and nothing is sent.
      rejectUnauthorized: false,
    });
    const timer = setTimeout(() => {
      socket.destroy(new SealwatchError('OBSERVE_TIMEOUT', `there was no TLS handshake within ${timeoutMs} ms`));
    }, timeoutMs);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(connectError(error));
    });
  });
}

/** Node gives a code here, and an error for a wrong name. */
function problemOf(socket: TLSSocket): string {
  const error: unknown = socket.authorizationError;
  return error instanceof Error ? error.message : String(error);
}

function linkOf(certificate: X509Certificate): ShownLink {
  const { subject, issuer } = certificate;
  return { subject: inLine(subject), issuer: inLine(issuer), expiresAt: endOf(certificate), pin: pinOf(certificate) };
}

/** Node writes one part of a name on each line. */
function inLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
