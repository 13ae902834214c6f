import { isIP } from 'node:net';
import { resolve } from 'node:path';

import { quote } from '../quote.js';
import type { ServeConfig } from './config.js';
import { isLoopback } from './is-loopback.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import type { ConfigFile } from './schema.js';

/** Free on most machines; named in the README. */
const DEFAULT_PORT = 8470;

/**
 * Returns where the pages are served; `folder` is where relative paths start. Reached from outside they need TLS, ours or that of
 * a proxy: a link in a mail decides what a model may read.
 */
export function toServe(entry: ConfigFile['serve'], folder: string, problems: Problems): ServeConfig {
  const {
    host = '127.0.0.1',
    port = DEFAULT_PORT,
    publicUrl,
    tls,
    trustedProxies = [],
    allowedHosts = [],
  } = entry ?? {};
  checkPublicUrl(publicUrl, tls !== undefined, problems);
  checkReach({ host, publicUrl, hasTls: tls !== undefined, proxies: trustedProxies.length }, problems);
  for (const [index, network] of trustedProxies.entries()) checkNetwork(network, ['trustedProxies', index], problems);
  for (const [index, name] of allowedHosts.entries()) checkHost(name, ['allowedHosts', index], problems);
  return {
    host,
    port,
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    tls: tls === undefined ? undefined : { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) },
    trustedProxies,
    allowedHosts,
  };
}

function checkPublicUrl(publicUrl: string | undefined, hasTls: boolean, problems: Problems): void {
  if (publicUrl === undefined) return;
  const url = parseUrl(publicUrl);
  if (url === undefined || !isPlainUrl(url)) {
    const message =
      'must be an https:// address without user, query or fragment, such as https://sealwatch.example.com';
    refuse(['publicUrl'], message, problems);
  } else if (url.protocol === 'http:' && hasTls) {
    refuse(['publicUrl'], 'must start with https://, since serve.tls is set', problems);
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const message =
      'must start with https://: over http anybody on the way could decide (http is for this machine only)';
    refuse(['publicUrl'], message, problems);
  }
}

interface Reach {
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly hasTls: boolean;
  readonly proxies: number;
}

/** A listener that other machines reach speaks TLS itself, or says which proxies do. */
function checkReach({ host, publicUrl, hasTls, proxies }: Reach, problems: Problems): void {
  if (isLoopback(host)) return;
  const isHttps = (publicUrl ?? '').startsWith('https://');
  if (hasTls && publicUrl === undefined) {
    refuse(
      ['host'],
      'opens the pages to other machines: set serve.publicUrl to the https:// address they use',
      problems,
    );
  } else if (!hasTls && !(isHttps && proxies > 0)) {
    const remedy =
      'set serve.tls, or set serve.trustedProxies to the proxy in front of it and serve.publicUrl to its https:// address, or leave host out';
    refuse(['host'], `opens the pages to other machines without https: ${remedy}`, problems);
  }
}

/** A network of everyone would believe everyone. */
function checkNetwork(text: string, path: Path, problems: Problems): void {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
  if (isIP(address) !== 0 && isPrefix && rest.length === 0) return;
  refuse(path, `must be an address or a network such as 10.0.0.5 or 10.1.0.0/16, is ${quote(text, 60)}`, problems);
}

function checkHost(text: string, path: Path, problems: Problems): void {
  if (/^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i.test(text)) return;
  refuse(path, `must be a host name such as sealwatch.internal, is ${quote(text, 60)}`, problems);
}

function isPlainUrl(url: URL): boolean {
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function refuse(path: Path, message: string, problems: Problems): void {
  problems.add({ code: 'CONFIG_INVALID', path: ['serve', ...path], message });
}
