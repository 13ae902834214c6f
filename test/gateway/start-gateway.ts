import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import type { Probes } from '../../src/gateway/answer-probe.js';
import { authorizedBy, createGateway } from '../../src/gateway/create-gateway.js';
import type { GatewayDeps } from '../../src/gateway/deps.js';
import type { GatewayAuth } from '../../src/model/access.js';
import type { Server } from '../../src/model/server.js';

/** The gateway over HTTP, in this process. */
export interface TestGateway {
  readonly url: string;
  close(): Promise<void>;
}

/** `auth` is made for the address that the gateway has. */
export async function startGateway(
  servers: readonly Server[],
  deps: GatewayDeps,
  auth?: (url: string) => GatewayAuth,
  probes?: Probes,
): Promise<TestGateway> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const authorize = authorizedBy(auth?.(url), url, deps);
  const gateway = createGateway({
    servers,
    deps,
    authorize,
    hosts: [new URL(url).host],
    reach: { isTrustedProxy: () => false, reachedBy: 'anyone', isSecure: false },
    ...(probes === undefined ? {} : { probes }),
  });
  http.on('request', gateway.listener);
  return {
    url,
    close: async () => {
      await gateway.close();
      http.close();
      http.closeAllConnections();
    },
  };
}

/** Connects a client of either SDK; `token` goes with every request. */
export const CONNECT = {
  'the v1 SDK': async (url: string, token?: string) => {
    const client = new Client({ name: 'v1', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: headersOf(token) }));
    return client;
  },
  'the v2 SDK': async (url: string, token?: string) => {
    const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new ModernTransport(new URL(url), { requestInit: headersOf(token) }));
    return client;
  },
};

function headersOf(token: string | undefined): { readonly headers?: Readonly<Record<string, string>> } {
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
}
