import { TLSSocket } from 'node:tls';

import { buildConnector } from 'undici';

import { SealwatchError } from '../errors.js';
import type { Limits } from '../model/limits.js';
import type { Pin, ShownCertificate, TlsRules } from '../model/tls.js';
import { chainOf, endOf, pinOf } from './certificate-chain.js';
import { checkedLookup, checkHost, type Reach } from './check-address.js';

export interface ConnectorOptions {
  readonly limits: Pick<Limits, 'startMs'>;
  readonly tls: TlsRules;
  readonly reach: Reach;
  readonly onCertificate: (shown: ShownCertificate) => void;
}

/**
 * Returns what opens the sockets of HTTP connections. A socket is handed over, and with it the first byte of a request, only
 * after the address, the certificate and the pins were found to be right.
 */
export function guardedConnector({ limits, tls, reach, onCertificate }: ConnectorOptions): buildConnector.connector {
  const { ca, client, minVersion } = tls;
  const connect = buildConnector({
    timeout: limits.startMs,
    // A resumed TLS session shows no certificate: none is kept.
    maxCachedSessions: 0,
    lookup: checkedLookup(reach),
    // Written out, because an environment variable turns it off otherwise.
    rejectUnauthorized: true,
    minVersion,
    ...(ca === undefined ? {} : { ca }),
    ...client,
  });
  return (options, callback) => {
    try {
      checkHost(options.hostname, reach);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    // The certificate has to be that of the host of the address; undici goes by the header Host otherwise, which can say anything.
    connect({ ...options, servername: '' }, (...outcome) => {
      const [, socket] = outcome;
      if (!(socket instanceof TLSSocket)) {
        callback(...outcome);
        return;
      }
      try {
        onCertificate(checkChain(socket, tls.pins));
      } catch (error) {
        socket.destroy();
        callback(error as Error, null);
        return;
      }
      callback(...outcome);
    });
  };
}

function checkChain(socket: TLSSocket, pins: readonly Pin[]): ShownCertificate {
  const chain = chainOf(socket);
  const shown = chain.map(pinOf);
  if (pins.length > 0 && !shown.some((pin) => pins.includes(pin))) throw mismatch(shown);
  return { expiresAt: endOf(chain[0]), pins: shown };
}

function mismatch(shown: readonly Pin[]): SealwatchError {
  const keys = shown.length === 0 ? 'it shows no certificate' : `its certificates have the keys ${shown.join(', ')}`;
  return new SealwatchError(
    'TLS_PIN_MISMATCH',
    `the server has none of the pinned keys: ${keys}; nothing was sent to it`,
  );
}
