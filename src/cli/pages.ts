import { createServer, type Server as HttpServer } from 'node:http';

import { getRequestListener } from '@hono/node-server';

import type { Config } from '../config/config.js';
import { isLoopback } from '../config/is-loopback.js';
import type { Server } from '../model/server.js';
import { createConsoleLink } from '../monitor/console-link.js';
import type { MonitorDeps } from '../monitor/deps.js';
import { createIdentityProvider } from '../sign-in/create-identity-provider.js';
import { createApp } from '../web/create-app.js';
import { userName } from './actor.js';
import { close, LIMITS, listen } from './listen.js';
import { pageUrl } from './page-url.js';
import { createTlsListener } from './tls-listener.js';

/** The pages, being served. */
export interface Pages {
  /** What links start with. */
  readonly url: string;
  readonly port: number;
  /** Signs in whoever reads the console, once and for 15 minutes; `undefined` where a provider says who somebody is, or others reach the listener. */
  readonly signInUrl: string | undefined;
  /** When our own certificate ends; `undefined` without TLS. */
  readonly certificateExpiresAt: string | undefined;
  close(): Promise<void>;
}

/**
 * Serves the pages. Port 0, and `orAnyPort` where the port is taken, stand for any free one.
 *
 * @throws {SealwatchError} `SERVE_FAILED`, `CONFIG_UNREADABLE` for the certificate or its key
 */
export async function servePages(
  { serve: config, signIn }: Pick<Config, 'serve' | 'signIn'>,
  servers: readonly Server[],
  deps: MonitorDeps,
  options: { readonly orAnyPort: boolean },
): Promise<Pages> {
  const tls = config.tls === undefined ? undefined : createTlsListener(config.tls, LIMITS);
  const http: HttpServer = tls?.listener ?? createServer(LIMITS);
  const port = await listen(http, config).catch((error: unknown) => {
    if (!options.orAnyPort) throw error;
    return listen(http, { ...config, port: 0 });
  });
  const url = pageUrl({ ...config, port });
  const provider = signIn === undefined ? undefined : createIdentityProvider(signIn);
  const console = signIn === undefined && isLoopback(config.host) ? createConsoleLink(userName(), deps) : undefined;
  const app = createApp({
    servers,
    deps,
    publicUrl: url,
    allowedHosts: [`127.0.0.1:${port}`, `localhost:${port}`, ...config.allowedHosts],
    trustedProxies: config.trustedProxies,
    reachedBy: tls === undefined && !isLoopback(config.host) ? 'proxies' : 'anyone',
    identityProvider: provider,
    consoleLink: console?.link,
    ...(signIn === undefined ? {} : { sessionLimits: signIn.session }),
  });
  const listener = getRequestListener(app.fetch);
  http.on('request', (request, response) => void listener(request, response));
  return {
    url,
    port,
    signInUrl: console === undefined ? undefined : `${url}/sign-in/console/${console.token}`,
    certificateExpiresAt: tls?.expiresAt,
    close: () => close(http),
  };
}
