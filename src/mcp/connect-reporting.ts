import { TLSSocket } from 'node:tls';

import { buildConnector } from 'undici';

import type { Limits } from '../model/limits.js';
import type { Receiver } from './link.js';

/** Returns what opens the sockets of HTTP connections, and reports when the certificate of an encrypted one ends. */
export function connectReporting({
  limits,
  receiver,
}: {
  readonly limits: Pick<Limits, 'startMs'>;
  readonly receiver: Pick<Receiver, 'receiveCertificate'>;
}): buildConnector.connector {
  // A resumed TLS session shows no certificate: none is kept.
  const connect = buildConnector({ timeout: limits.startMs, maxCachedSessions: 0 });
  return (options, callback) => {
    connect(options, (...outcome) => {
      const [, socket] = outcome;
      const expiresAt = socket instanceof TLSSocket ? endOfCertificate(socket) : undefined;
      if (expiresAt !== undefined) receiver.receiveCertificate(expiresAt);
      callback(...outcome);
    });
  };
}

/** The date as the certificate writes it is text of the server; what is no date is none. */
function endOfCertificate(socket: TLSSocket): string | undefined {
  const ms = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
