import type { Server as HttpServer, ServerOptions } from 'node:http';

import type { ServeConfig } from '../config/config.js';
import { messageOf, SealwatchError } from '../errors.js';

/** A client that sends its request byte by byte would keep a connection for ever (Slowloris). Answers may take as long as they like. */
export const LIMITS: ServerOptions = { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 };

/** Returns the port. @throws {SealwatchError} `SERVE_FAILED` */
export function listen(http: HttpServer, { host, port }: Pick<ServeConfig, 'host' | 'port'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      reject(
        new SealwatchError('SERVE_FAILED', `cannot listen on ${host} port ${port}: ${messageOf(cause)}`, { cause }),
      );
    };
    http.once('error', fail);
    http.listen(port, host, () => {
      http.off('error', fail);
      const address = http.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Ends the listener and every connection to it. */
export function close(http: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => {
      resolve();
    });
    http.closeAllConnections();
  });
}
