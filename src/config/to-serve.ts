import type { ServeConfig } from './config.js';
import { isLoopback } from './is-loopback.js';
import { parseUrl } from './parse-url.js';
import type { Problems } from './problems.js';
import type { ConfigFile } from './schema.js';

/** Free on most machines; named in the README. */
const DEFAULT_PORT = 8470;

/** Returns where the pages are served. Reached from outside they need https: a link in a mail decides what a model may read. */
export function toServe(entry: ConfigFile['serve'], problems: Problems): ServeConfig {
  const { host = '127.0.0.1', port = DEFAULT_PORT, publicUrl } = entry ?? {};
  const invalid = (key: string, message: string): void => {
    problems.add({ code: 'CONFIG_INVALID', path: ['serve', key], message });
  };
  const url = publicUrl === undefined ? undefined : parseUrl(publicUrl);
  if (publicUrl !== undefined && (url === undefined || !isPlainUrl(url))) {
    invalid(
      'publicUrl',
      'must be an https:// address without user, query or fragment, such as https://sealwatch.example.com',
    );
  } else if (url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    invalid(
      'publicUrl',
      'must start with https://: over http anybody on the way could decide (http is for this machine only)',
    );
  }
  if (!isLoopback(host) && !(publicUrl ?? '').startsWith('https://')) {
    const remedy = 'set serve.publicUrl to the https:// address of the proxy in front of it, or leave host out';
    invalid('host', `opens the pages to other machines without https: ${remedy}`);
  }
  return { host, port, publicUrl: publicUrl?.replace(/\/+$/, '') };
}

function isPlainUrl(url: URL): boolean {
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}
