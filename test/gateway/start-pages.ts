import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { getRequestListener } from '@hono/node-server';

import type { Principal } from '../../src/model/principal.js';
import type { Server } from '../../src/model/server.js';
import type { MonitorDeps } from '../../src/monitor/deps.js';
import { startSession } from '../../src/monitor/session.js';
import { createApp } from '../../src/web/create-app.js';

/** The pages of the service, over the store of a test. */
export interface Pages {
  readonly url: string;
  /** Reads a page as somebody; returns its status and text. */
  read(url: string, as?: Principal): Promise<{ readonly status: number; readonly text: string }>;
  /** Presses a button on a page as somebody; returns the status. */
  press(url: string, decision: 'given' | 'refused', as?: Principal): Promise<number>;
  close(): Promise<void>;
}

export async function startPages(servers: readonly Server[], deps: MonitorDeps): Promise<Pages> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const app = createApp({ servers, deps, publicUrl: url, allowedHosts: [] });
  const listener = getRequestListener(app.fetch);
  http.on('request', (request, response) => void listener(request, response));
  const cookieOf = async (as: Principal | undefined): Promise<Readonly<Record<string, string>>> =>
    as === undefined ? {} : { cookie: `sealwatch=${(await startSession(as, deps)).session}` };
  return {
    url,
    read: async (page, as) => {
      const response = await fetch(page, { redirect: 'manual', headers: await cookieOf(as) });
      return { status: response.status, text: await response.text() };
    },
    press: async (page, decision, as) => {
      const headers = { origin: url, ...(await cookieOf(as)) };
      const body = new URLSearchParams({ decision });
      return (await fetch(page, { method: 'POST', redirect: 'manual', headers, body })).status;
    },
    close: async () => {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}
