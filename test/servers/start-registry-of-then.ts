import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

import semver from 'semver';

/** A real registry as it was: of one package, versions beyond some version are not there yet. */
export interface RegistryOfThen {
  readonly url: string;
  /** From now on versions up to this one are there. */
  goTo(version: string): void;
  close(): Promise<void>;
}

interface Packument {
  readonly 'dist-tags': Record<string, string>;
  versions: Record<string, object>;
}

/** Starts one before the registry at `upstream`, which it passes everything else on from, bytes as they are. */
export async function startRegistryOfThen(
  upstream: string,
  { name, newest }: { readonly name: string; readonly newest: string },
): Promise<RegistryOfThen> {
  let limit = newest;
  const base = upstream.replace(/\/$/, '');
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? '/';
      const headers = { accept: request.headers.accept ?? '*/*' };
      const answer = await fetch(base + path, { headers });
      const type = answer.headers.get('content-type') ?? '';
      response.writeHead(answer.status, { 'content-type': type });
      if (!type.includes('json')) {
        if (answer.body === null) return void response.end();
        return void Readable.fromWeb(answer.body as never).pipe(response);
      }
      const text = (await answer.text()).replaceAll(base, url());
      response.end(decodeURIComponent(path.slice(1)) === name ? JSON.stringify(asOf(text)) : text);
    })().catch(() => response.destroy());
  });
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asOf = (text: string): Packument => {
    const packument = JSON.parse(text) as Packument;
    const known = Object.keys(packument.versions).filter((version) => semver.lte(version, limit));
    packument.versions = Object.fromEntries(known.map((version) => [version, packument.versions[version] ?? {}]));
    packument['dist-tags']['latest'] = semver.rsort(known)[0] ?? '';
    return packument;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: url(),
    goTo: (version) => void (limit = version),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
