import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';

/** Returns a tag for values that only the holder of the log's private key can make. */
export type Seal = (values: readonly string[]) => string;

/** Returns a sealer (HMAC-SHA-256) with a key that is derived from the log's private key (RFC 5869), and good for nothing else. */
export function sealer(privateKey: KeyObject): Seal {
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'sealwatch: seal of a row, version 1', 32));
  return (values) => createHmac('sha256', key).update(JSON.stringify(values)).digest('hex');
}
