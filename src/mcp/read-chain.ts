import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

import { SealwatchError } from '../errors.js';
import type { Pin, TlsRules } from '../model/tls.js';
import { chainOf, endOf, pinOf } from './certificate-chain.js';
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

/**
 * Returns the certificates of a server. Nothing is asked of it: the connection is closed after the handshake.
 *
 * @throws {SealwatchError} `OBSERVE_CONNECT_FAILED`, `OBSERVE_TIMEOUT`, `TLS_VERSION`
 */
export async function readChain(
  url: URL,
  tls: Pick<TlsRules, 'ca' | 'client' | 'minVersion'>,
  timeoutMs: number,
): Promise<ServerChain> {
  const socket = await shake(url, tls, timeoutMs);
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

async function shake(
  { hostname, port }: URL,
  { ca, client, minVersion }: Pick<TlsRules, 'ca' | 'client' | 'minVersion'>,
  timeoutMs: number,
): Promise<TLSSocket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return await new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      ...client,
      minVersion,
      // It is looked at, not trusted: whether it is valid is part of the answer, and nothing is sent.
      rejectUnauthorized: false,
    });
    socket.setTimeout(timeoutMs, () => {
      socket.destroy();
      reject(new SealwatchError('OBSERVE_TIMEOUT', `there was no TLS handshake within ${timeoutMs} ms`));
    });
    socket.once('secureConnect', () => {
      resolve(socket);
    });
    socket.once('error', (error) => {
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
