import { createServer, type Server as HttpServer } from 'node:http';

import { getRequestListener } from '@hono/node-server';

import type { ServeConfig } from '../config/config.js';
import { messageOf, SealwatchError } from '../errors.js';
import type { Server } from '../model/server.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { createApp } from '../web/create-app.js';
import { pageUrl } from './page-url.js';

/** The approval pages, being served. */
export interface Pages {
  /** What links start with. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves the approval pages. Port 0, and `orAnyPort` where the port is taken, stand for any free one.
 *
 * @throws {SealwatchError} `SERVE_FAILED`
 */
export async function servePages(
  config: ServeConfig,
  servers: readonly Server[],
  deps: MonitorDeps,
  options: { readonly orAnyPort: boolean },
): Promise<Pages> {
  const http = createServer();
  const port = await listen(http, config).catch((error: unknown) => {
    if (!options.orAnyPort) throw error;
    return listen(http, { ...config, port: 0 });
  });
  const url = pageUrl({ ...config, port });
  const app = createApp({ servers, deps, publicUrl: url, allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`] });
  const listener = getRequestListener(app.fetch);
  http.on('request', (request, response) => void listener(request, response));
  return { url, port, close: () => close(http) };
}

function listen(http: HttpServer, { host, port }: ServeConfig): Promise<number> {
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

function close(http: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => {
      resolve();
    });
    http.closeAllConnections();
  });
}
