import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An MCP server that asks for a token, and the authorization server that it names, on one port; both do as they are told. */
export interface HostileAuthorization {
  readonly origin: string;
  /** Of the MCP server. */
  readonly url: string;
  /** Method, path, headers and body of every request, as one text each. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Answers a request in another way than an honest server would. */
type Act = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Wickedness {
  /** Members of the authorization server's metadata; `ORIGIN` stands for where it is. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly onMetadata?: Act;
  readonly onResourceMetadata?: Act;
  readonly onToken?: Act;
  /** What the MCP server says to whoever has no token; `ORIGIN` stands for where it is. */
  readonly challenge?: string;
}

export async function startHostileAuthorization(wicked: Wickedness = {}): Promise<HostileAuthorization> {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      requests.push(`${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)} ${body}`);
      answer(request, response, body);
    });
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const url = `${origin}/mcp`;
  const here = (text: string): string => text.replaceAll('ORIGIN', origin);

  const acts: readonly (readonly [string, Act])[] = [
    [
      '/.well-known/oauth-protected-resource',
      wicked.onResourceMetadata ??
        ((_, response) => {
          json(response, 200, { resource: url, authorization_servers: [origin] });
        }),
    ],
    [
      '/.well-known/',
      wicked.onMetadata ??
        ((_, response) => {
          json(response, 200, JSON.parse(here(JSON.stringify({ ...METADATA, ...wicked.metadata }))));
        }),
    ],
    ['/token', wicked.onToken ?? ask],
    [
      '/register',
      (_request, response, body) => {
        json(response, 201, { ...(JSON.parse(body) as object), client_id: 'registered' });
      },
    ],
    ['/', ask],
  ];

  function ask(_: IncomingMessage, response: ServerResponse): void {
    response.writeHead(401, { 'www-authenticate': here(wicked.challenge ?? 'Bearer') }).end();
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const [, act] = acts.find(([path]) => (request.url ?? '').startsWith(path)) ?? ['/', ask];
    act(request, response, body);
  }

  return {
    origin,
    url,
    requests,
    close: async () => {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

const METADATA = {
  issuer: 'ORIGIN',
  authorization_endpoint: 'ORIGIN/authorize',
  token_endpoint: 'ORIGIN/token',
  registration_endpoint: 'ORIGIN/register',
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
};

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
