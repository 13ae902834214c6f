import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served under a path: a status with bytes or with a value as JSON. */
export interface Served {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | object;
}

export interface StandIn {
  readonly url: URL;
  /** Path of each request, with its Accept and Authorization headers. */
  readonly requests: { readonly path: string; readonly accept: string; readonly authorization: string }[];
  close(): Promise<void>;
}

/** Starts a server that answers as it is told, 404 otherwise. `answer` gets the path with its query, and the headers. */
export async function startStandIn(
  answer: (path: string, headers: Readonly<Record<string, string | string[] | undefined>>) => Served | undefined,
): Promise<StandIn> {
  const requests: StandIn['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const { accept = '', authorization = '' } = request.headers;
    requests.push({ path, accept, authorization });
    const { status = 200, headers = {}, body = Buffer.alloc(0) } = answer(path, request.headers) ?? { status: 404 };
    response.writeHead(status, headers).end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
