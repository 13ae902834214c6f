import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';

import type { Pin, TlsRules } from '../model/tls.js';
import { quote } from '../quote.js';
import type { Path, Problems } from './problems.js';
import { readKey, readPem } from './read-pem.js';
import type { ServerEntry } from './schema.js';

/** Returns what an entry asks of encrypted connections; `folder` is where relative paths start. */
export function toTls(entry: ServerEntry, path: Path, folder: string, problems: Problems): TlsRules {
  const { ca, minimumTls, pins } = entry;
  return {
    ca: ca === undefined ? undefined : readPem(resolve(folder, ca), [...path, 'ca'], problems),
    client: toClient(entry, path, folder, problems),
    minVersion: minimumTls === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    pins: pins === undefined || pins === 'record' ? [] : toPins(pins, [...path, 'pins'], problems),
    isRecorded: pins === 'record',
  };
}

/** RFC 7469, section 4.3: without a backup, a lost key locks everybody out. */
function toPins(pins: readonly string[], path: Path, problems: Problems): readonly Pin[] {
  for (const [index, pin] of pins.entries()) {
    if (isPin(pin)) continue;
    const message = `must be sha256/ and the base64 of 32 bytes, is ${quote(pin, 80)}; \`sealwatch pins URL\` prints them`;
    problems.add({ code: 'CONFIG_INVALID', path: [...path, index], message });
  }
  if (new Set(pins).size < 2) {
    const message =
      'needs two different pins at least: the key in use, and a backup (of the issuer, or of a key that is kept for later)';
    problems.add({ code: 'CONFIG_INVALID', path, message });
  }
  return pins.filter(isPin);
}

function isPin(text: string): text is Pin {
  return /^sha256\/[A-Za-z0-9+/]{43}=$/.test(text);
}

function toClient(entry: ServerEntry, path: Path, folder: string, problems: Problems): TlsRules['client'] {
  const { cert, key } = entry;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [there, missing] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
    problems.add({ code: 'CONFIG_INVALID', path: [...path, there], message: `needs ${missing} beside it`, at: 'key' });
    return undefined;
  }
  const certPem = readPem(resolve(folder, cert), [...path, 'cert'], problems);
  const privateKey = readKey(resolve(folder, key), [...path, 'key'], problems);
  if (certPem === undefined || privateKey === undefined) return undefined;
  if (!new X509Certificate(certPem).checkPrivateKey(privateKey)) {
    problems.add({
      code: 'CONFIG_INVALID',
      path: [...path, 'key'],
      message: 'is not the key of the certificate in "cert"',
    });
    return undefined;
  }
  return { cert: certPem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}
