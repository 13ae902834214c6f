import { createHash } from 'node:crypto';

import type { Pin } from '../src/model/tls.js';
import type { Made } from './make-certificate.js';

/** RFC 7469, written once more, so that a mistake in ours is noticed. */
export function pinOf({ keys }: Made): Pin {
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}
