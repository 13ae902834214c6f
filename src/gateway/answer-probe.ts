import type { IncomingMessage, ServerResponse } from 'node:http';

import { codeOf } from '../errors.js';
import { isFromHere } from '../model/is-from-here.js';
import type { Store } from '../ports.js';

/** What whoever runs the gateway can see of it. */
export interface Probes {
  readonly store: Pick<Store, 'dataVersion'>;
  /** In Prometheus' text format. */
  readonly figures: () => Promise<string>;
}

/**
 * Answers `/healthz`, which says whether calls can pass at all (they cannot without the store), and `/metrics`, for this machine alone.
 * Returns whether it was one of them.
 */
export async function answerProbe(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { store, figures }: Probes,
): Promise<boolean> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (path === '/healthz') {
    const failure = await store.dataVersion().then(() => undefined, codeOf);
    const body = failure === undefined ? { status: 'ok' } : { status: 'failing', code: failure };
    response.writeHead(failure === undefined ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
    return true;
  }
  if (path !== '/metrics') return false;
  const isHere = isFromHere(request.socket.remoteAddress, (name) => request.headers[name] !== undefined);
  if (!isHere) return response.writeHead(403).end(), true;
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end(await figures());
  return true;
}
