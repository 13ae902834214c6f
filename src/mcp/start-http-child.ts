import { connect, createServer } from 'node:net';

import { SealwatchError } from '../errors.js';
import type { HttpConnection, Launch } from '../model/server.js';
import type { Lifeline } from './lifeline.js';
import { checkedLookup } from './check-address.js';
import { type Child, startChild } from './start-child.js';

/** An HTTP server that we started ourselves, and where it listens. */
export interface HttpChild {
  readonly url: URL;
  readonly child: Child;
}

const POLL_MS = 50;

/**
 * Starts the program that an HTTP server's configuration names, with a free port for `{port}` in its arguments,
 * environment and URL. Returns when the port takes connections.
 *
 * @throws {SealwatchError} `OBSERVE_START_FAILED`, `OBSERVE_EXITED`, or why the lifeline ended.
 */
export async function startHttpChild(
  connection: HttpConnection,
  launch: Launch,
  lifeline: Lifeline,
): Promise<HttpChild> {
  const port = await freePort();
  const fill = (text: string): string => text.replaceAll('{port}', String(port));
  const child = await startChild({
    ...launch,
    args: launch.args.map(fill),
    env: Object.fromEntries(Object.entries(launch.env).map(([name, value]) => [name, fill(value)])),
  });
  // It says nothing to us this way, but a full pipe would stop it.
  child.stdout.resume();
  void child.exited.then((error) => {
    lifeline.fail(error);
  });
  const url = new URL(fill(connection.url));
  try {
    while (!(await lifeline.wait(accepts(url)))) await lifeline.wait(pause());
  } catch (error) {
    await child.end('hurried');
    throw error;
  }
  return { url, child };
}

/** Returns a port that nobody listens on now. Another process may take it first; then the child fails and says so. */
async function freePort(): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new SealwatchError('OBSERVE_START_FAILED', 'there is no free port', { cause }));
    });
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}

async function accepts(url: URL): Promise<boolean> {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return await new Promise((resolve) => {
    const socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port,
      timeout: 1_000,
      lookup: checkedLookup('loopback'),
    });
    const settle = (isOpen: boolean) => (): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', settle(true));
    socket.once('error', settle(false));
    socket.once('timeout', settle(false));
  });
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
