import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate, with what is needed to sign others. PEM texts. */
export interface Made {
  readonly key: string;
  readonly cert: string;
  readonly subject: string;
  readonly keys: Keys;
}

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

interface Wanted {
  readonly dns?: string;
  readonly ip?: string;
  /** In 2020 otherwise. */
  readonly startsAt?: Date;
  /** Until then, before 2050; 2049 otherwise. */
  readonly expiresAt?: Date;
  readonly subject?: string;
  /** Who signs it; itself otherwise. */
  readonly issuer?: Made;
  /** Whether it may sign others; so it is where it signs itself. */
  readonly isAuthority?: boolean;
  /** New ones otherwise. */
  readonly keys?: Keys;
}

function makeKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** Returns a certificate for the names, made here so that the tests need no openssl and no key in the repository. */
export function makeCertificate(wanted: Wanted): Made {
  const { subject = 'sealwatch test', keys = makeKeys(), issuer } = wanted;
  const toBeSigned = certificateBody(keys.publicKey.export({ type: 'spki', format: 'der' }), subject, wanted);
  const signature = sign('sha256', toBeSigned, (issuer?.keys ?? keys).privateKey);
  const der = sequence(toBeSigned, ECDSA_SHA256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  return { key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(der), subject, keys };
}

/** `ecdsa-with-SHA256`, 1.2.840.10045.4.3.2 (RFC 5758). */
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

/** RFC 5280, section 4.1, in DER. */
function certificateBody(spki: Buffer, subject: string, wanted: Wanted): Buffer {
  const { dns, ip, issuer, isAuthority = issuer === undefined, startsAt, expiresAt } = wanted;
  const version = tagged(0xa0, tagged(0x02, Buffer.of(2)));
  const serial = tagged(0x02, Buffer.of(1));
  const validity = sequence(
    tagged(0x17, Buffer.from(utcTime(startsAt, '200101000000Z'))),
    tagged(0x17, Buffer.from(utcTime(expiresAt, '491231235959Z'))),
  );
  const alternatives = sequence(
    ...(dns === undefined ? [] : [tagged(0x82, Buffer.from(dns))]),
    ...(ip === undefined ? [] : [tagged(0x87, Buffer.from(ip.split('.').map(Number)))]),
  );
  const constraints = isAuthority ? sequence(Buffer.from('0101ff', 'hex')) : sequence();
  const hasNames = dns !== undefined || ip !== undefined;
  const extensions = sequence(
    sequence(Buffer.from('0603551d130101ff', 'hex'), tagged(0x04, constraints)),
    ...(hasNames ? [sequence(Buffer.from('0603551d11', 'hex'), tagged(0x04, alternatives))] : []),
  );
  const issuerName = nameOf(issuer?.subject ?? subject);
  const parts = [version, serial, ECDSA_SHA256, issuerName, validity, nameOf(subject), spki];
  return sequence(...parts, tagged(0xa3, extensions));
}

function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from(commonName)))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** `YYMMDDHHMMSSZ` (RFC 5280, section 4.1.2.5.1). */
function utcTime(moment: Date | undefined, otherwise: string): string {
  return moment === undefined ? otherwise : `${moment.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;
}
