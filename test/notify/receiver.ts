import { createServer as createHttp, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';

import { makeCertificate } from '../make-certificate.js';

/** Of every receiver that speaks TLS. */
export const CERTIFICATE = makeCertificate({ dns: 'localhost', ip: '127.0.0.1' });

export interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a webhook answers. */
export type Answer =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is cut in the middle of the answer. */
  | 'cut'
  /** It never comes. */
  | 'silence';

export interface WebhookReceiver {
  readonly origin: string;
  readonly posted: readonly Posted[];
  answer: Answer;
  close(): Promise<void>;
}

/** Starts a real web server that keeps what is posted to it, and answers as told. */
export async function startWebhook(options: { readonly tls?: typeof CERTIFICATE } = {}): Promise<WebhookReceiver> {
  const posted: Posted[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posted.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const { answer } = receiver;
      if (answer === 'silence') return;
      if (answer === 'cut') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half of ');
        setImmediate(() => response.destroy());
        return;
      }
      response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
    });
  };
  const server = options.tls === undefined ? createHttp(listener) : createHttps(options.tls, listener);
  const { port, close } = await listen(server);
  const receiver: WebhookReceiver = {
    origin: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    posted,
    answer: { status: 200 },
    close,
  };
  return receiver;
}

export interface SyslogReceiver {
  readonly port: number;
  /** Messages, taken out of their frames (RFC 6587, section 3.4.1). */
  readonly messages: readonly string[];
  /** Frames that were no frames. */
  readonly broken: readonly string[];
  close(): Promise<void>;
}

/** Starts a real collector. */
export async function startSyslog(options: { readonly tls?: typeof CERTIFICATE } = {}): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const broken: string[] = [];
  const take = (socket: Socket): void => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('end', () => {
      let rest = Buffer.concat(chunks);
      while (rest.length > 0) {
        const [head, length] = /^([1-9]\d*) /.exec(rest.subarray(0, 12).toString('latin1')) ?? [];
        const end = (head?.length ?? 0) + Number(length);
        if (head === undefined || rest.length < end) {
          broken.push(rest.toString('utf8'));
          break;
        }
        messages.push(rest.subarray(head.length, end).toString('utf8'));
        rest = rest.subarray(end);
      }
      socket.end();
    });
  };
  const server = options.tls === undefined ? createTcp(take) : createTls(options.tls, take);
  // A client that does not trust our certificate ends the connection; that is no failure of the collector.
  server.on('tlsClientError', () => undefined);
  return { ...(await listen(server)), messages, broken };
}

async function listen(server: Server): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  };
  return { port, close };
}
