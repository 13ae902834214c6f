import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerOptions } from 'node:http';
import { createServer, type Server } from 'node:https';

import { messageOf, SealwatchError } from '../errors.js';

/**
 * Returns a listener for TLS 1.2 and newer (RFC 8996 deprecates what is older), and when its certificate ends.
 *
 * @throws {SealwatchError} `CONFIG_UNREADABLE`; `CONFIG_INVALID` where certificate and key do not go together.
 */
export function createTlsListener(
  files: { readonly cert: string; readonly key: string },
  limits: ServerOptions,
): { readonly listener: Server; readonly expiresAt: string } {
  const [cert, key] = [read(files.cert), read(files.key)];
  try {
    const expiresAt = new Date(new X509Certificate(cert).validTo).toISOString();
    return { listener: createServer({ ...limits, cert, key, minVersion: 'TLSv1.2' }), expiresAt };
  } catch (cause) {
    const message = `serve.tls: cannot use ${files.cert} with ${files.key}: ${messageOf(cause)}`;
    throw new SealwatchError('CONFIG_INVALID', message, { cause });
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SealwatchError('CONFIG_UNREADABLE', `serve.tls: cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}
