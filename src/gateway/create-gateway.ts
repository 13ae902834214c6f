import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { GatewayAuth } from '../model/access.js';
import type { Server } from '../model/server.js';
import { answerProbe, type Probes } from './answer-probe.js';
import { type Authorize, localOnly, withTokens } from './authorize.js';
import type { GatewayDeps } from './deps.js';
import { HttpEndpoint, type MakeBackend } from './http-endpoint.js';
import { OneServer } from './one-server.js';
import { isReadableOnTheWay, type Reach } from './reach.js';
import { SeveralServers } from './several-servers.js';

export interface GatewayOptions {
  readonly servers: readonly Server[];
  readonly deps: GatewayDeps;
  /** Says who asks, and answers whoever may not. */
  readonly authorize: Authorize;
  /** Names under which requests are answered, with or without a port. */
  readonly hosts: readonly string[];
  readonly reach: Reach;
  /** `undefined`: nobody asks how it is. */
  readonly probes?: Probes;
}

/** Returns who is let in: whoever has a token where tokens are configured, whoever reaches it otherwise. */
export function authorizedBy(
  auth: GatewayAuth | undefined,
  publicUrl: string,
  deps: Pick<GatewayDeps, 'logger' | 'clock'>,
): Authorize {
  return auth === undefined ? localOnly : withTokens(auth, publicUrl, deps);
}

/** Clients over HTTP: `/mcp` is all servers as one, `/servers/<id>/mcp` one of them. */
export interface Gateway {
  readonly listener: RequestListener;
  readonly close: () => Promise<void>;
}

/** Returns what answers HTTP requests of clients. */
export function createGateway({ servers, deps, authorize, hosts, reach, probes }: GatewayOptions): Gateway {
  const endpoints = new Map<string, HttpEndpoint>();
  const add = (path: string, makeBackend: MakeBackend): void => {
    endpoints.set(path, new HttpEndpoint(makeBackend, deps));
  };
  for (const server of servers)
    add(`/servers/${server.id}/mcp`, (client, onEnded) => new OneServer(server, deps, client, onEnded));
  add('/mcp', (client) => new SeveralServers(servers, deps, client));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pathname = pathOf(request.url ?? '/');
    // A container's probe comes under whatever name, and learns nothing.
    const isRefused = isReadableOnTheWay(request, reach) || !isForUs(request, hosts);
    if (pathname !== '/healthz' && isRefused) return void response.writeHead(403).end();
    if (probes !== undefined && (await answerProbe(pathname, request, response, probes))) return;
    if (authorize.metadata(pathname, response)) return;
    const endpoint = endpoints.get(pathname);
    if (endpoint === undefined) return void response.writeHead(404).end();
    const subject = await authorize.subjectOf(request, response, pathname);
    if (subject !== undefined) await endpoint.handle(request, response, subject);
  };
  return {
    listener: (request, response) => {
      answer(request, response).catch((error: unknown) => {
        deps.logger.error(`gateway: ${error instanceof Error ? error.name : 'error'} while answering a client`);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    },
    close: async () => {
      await Promise.all(Array.from(endpoints.values(), async (endpoint) => endpoint.close()));
    },
  };
}

/** Some clients write the whole address into the request line (RFC 9112, section 3.2.2). */
function pathOf(target: string): string {
  return target.startsWith('/') ? (target.split('?', 1)[0] ?? target) : new URL(target, 'http://gateway').pathname;
}

/**
 * Attack: DNS rebinding, where the page of a foreign name that suddenly resolves to this machine talks to the servers of whoever opened
 * it. Browsers name the page in `Origin`; programs send none (MCP 2025-11-25, Transports, Security Warning).
 */
function isForUs({ headers }: IncomingMessage, hosts: readonly string[]): boolean {
  const { origin } = headers;
  if (!isOurs(headers.host ?? '', hosts)) return false;
  return origin === undefined || (URL.canParse(origin) && isOurs(new URL(origin).host, hosts));
}

function isOurs(host: string, hosts: readonly string[]): boolean {
  const name = host.toLowerCase();
  return hosts.includes(name) || hosts.includes(name.replace(/:\d+$/, ''));
}
