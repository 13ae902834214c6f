import { generateKeyPairSync, sign } from 'node:crypto';

/** Returns a self-signed certificate for the names, made here so that the tests need no openssl and no key in the repository. */
export function makeCertificate(names: {
  readonly dns?: string;
  readonly ip?: string;
  /** Until then, before 2050; 2049 otherwise. */
  readonly expiresAt?: Date;
}): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const toBeSigned = certificateBody(publicKey.export({ type: 'spki', format: 'der' }), names);
  const signature = sign('sha256', toBeSigned, privateKey);
  const der = sequence(toBeSigned, ECDSA_SHA256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(der) };
}

/** `ecdsa-with-SHA256`, 1.2.840.10045.4.3.2 (RFC 5758). */
const ECDSA_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex');

/** RFC 5280, section 4.1, in DER. */
function certificateBody(spki: Buffer, names: Parameters<typeof makeCertificate>[0]): Buffer {
  const version = tagged(0xa0, tagged(0x02, Buffer.of(2)));
  const serial = tagged(0x02, Buffer.of(1));
  const commonName = sequence(Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from('sealwatch test')));
  const name = sequence(tagged(0x31, commonName));
  const validity = sequence(
    tagged(0x17, Buffer.from('200101000000Z')),
    tagged(0x17, Buffer.from(utcTime(names.expiresAt))),
  );
  const alternatives = sequence(
    ...(names.dns === undefined ? [] : [tagged(0x82, Buffer.from(names.dns))]),
    ...(names.ip === undefined ? [] : [tagged(0x87, Buffer.from(names.ip.split('.').map(Number)))]),
  );
  const extensions = sequence(
    sequence(Buffer.from('0603551d130101ff', 'hex'), tagged(0x04, sequence(Buffer.from('0101ff', 'hex')))),
    sequence(Buffer.from('0603551d11', 'hex'), tagged(0x04, alternatives)),
  );
  return sequence(version, serial, ECDSA_SHA256, name, validity, name, spki, tagged(0xa3, extensions));
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
function utcTime(moment: Date | undefined): string {
  return moment === undefined ? '491231235959Z' : `${moment.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`;
}
