import { createHash, X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

import type { Pin } from '../model/tls.js';

/** No honest chain is longer. */
const MAX_CHAIN = 10;

/**
 * Returns the certificates from the server's own to the root, as far as each was signed by the next, which has to be one that may
 * sign others, now. What a server only sends along is not in it: anybody can append the certificate of an authority that did not
 * sign theirs.
 */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  // The only call that shows the root too; its result goes round in a circle at the end.
  let shown: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (isShown(shown) && chain.length < MAX_CHAIN) {
    const next = new X509Certificate(shown.raw);
    const last = chain.at(-1);
    if (last !== undefined && !isIssuedBy(last, next)) break;
    chain.push(next);
    shown = shown.issuerCertificate === shown ? undefined : shown.issuerCertificate;
  }
  return chain;
}

/** A socket without a certificate gives an empty object. */
function isShown(shown: DetailedPeerCertificate | undefined): shown is DetailedPeerCertificate {
  return shown !== undefined && 'raw' in shown;
}

/**
 * Attack: whoever has any certificate of the pinned issuer, and a bad authority that is trusted too, has the bad one vouch for the
 * same key as that of an authority. OpenSSL passes over the first one, which may sign nothing or has ended; so do we.
 */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && isInForce(issuer) && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** By the clock of the system, as OpenSSL has it. */
function isInForce({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}

/** Returns the pin of a certificate's key. */
export function pinOf(certificate: X509Certificate): Pin {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/** Returns when a certificate ends, ISO 8601; what it says is text of the server, and what is no date is none. */
export function endOf(certificate: X509Certificate | undefined): string | undefined {
  const ms = Date.parse(certificate?.validTo ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
