import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, Server as TlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** An MCP server in this process, and what reached it. */
export interface Served {
  /** Of its MCP endpoint, on 127.0.0.1. */
  readonly url: string;
  /** Sockets that were opened to it. */
  readonly sockets: () => number;
  /** Method, path and body of each request that reached it, whole or in part. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

interface Wanted {
  /** Over TLS with these settings; plain HTTP otherwise. */
  readonly tls?: ServerOptions | undefined;
  /** What it shows from the second connection on; the first one is closed after its first answer, unless that has no end. */
  readonly then?: ServerOptions;
  /** `/mcp` answers with a redirect to here. */
  readonly redirect?: () => string;
  readonly tools?: readonly unknown[];
  /** Of a server that another one takes the place of; a free one otherwise. */
  readonly port?: number;
}

/** Serves Streamable HTTP of revision 2025-11-25 with plain JSON answers, at `/mcp` and `/moved/mcp`; HTTP+SSE at `/sse`. */
export async function serveMcp({
  tls,
  then,
  redirect,
  tools = [TOOL],
  port: wantedPort = 0,
}: Wanted = {}): Promise<Served> {
  const requests: string[] = [];
  let sockets = 0;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (then !== undefined && server instanceof TlsServer) {
      server.setSecureContext(then);
      response.shouldKeepAlive = false;
    }
    const at = requests.push(`${request.method ?? ''} ${request.url ?? ''}`) - 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url?.startsWith('/.well-known/') === true) return void response.writeHead(404).end();
      const text = Buffer.concat(chunks).toString('utf8');
      requests[at] = `${requests[at] ?? ''} ${text}`;
      if (redirect !== undefined && request.url === '/mcp')
        return void response.writeHead(307, { location: redirect() }).end();
      respond(request, response, text, tools);
    });
  };
  const server = tls === undefined ? createHttpServer(answer) : createServer(tls, answer);
  server.on('connection', () => (sockets += 1));
  server.listen(wantedPort, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/mcp`,
    sockets: () => sockets,
    requests,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const TOOL = { name: 'add', description: 'Adds two numbers.', inputSchema: { type: 'object' } };

let stream: ServerResponse | undefined;

export function respond(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  tools: readonly unknown[] = [TOOL],
): void {
  if (request.method === 'GET' && request.url === '/sse') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: endpoint\ndata: /messages\n\n');
    stream = response;
    return;
  }
  const message = (text === '' ? {} : JSON.parse(text)) as { id?: number; method?: string };
  if (message.id === undefined) return void response.writeHead(request.method === 'GET' ? 405 : 202).end();
  const result =
    message.method === 'initialize'
      ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'tls', version: '1' } }
      : { tools };
  const body = JSON.stringify({ jsonrpc: '2.0', id: message.id, result });
  if (request.url === '/messages') {
    response.writeHead(202).end();
    stream?.write(`event: message\ndata: ${body}\n\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}
