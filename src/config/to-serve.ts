import { isIP } from 'node:net';
import { resolve } from 'node:path';

import { quote } from '../quote.js';
import { type CallLogSettings, DEFAULT_CALL_LOG } from '../model/call.js';
import { parseDays } from './parse-schedule.js';
import type { GatewayConfig, ServeConfig } from './config.js';
import { isLoopback } from './is-loopback.js';
import { parseUrl } from './parse-url.js';
import type { Path, Problems } from './problems.js';
import type { ConfigFile } from './schema.js';
import { toGatewayAuth } from './to-gateway-auth.js';

/** What is listened for, with the section that says where. Both ports are free on most machines, and named in the README. */
interface Listener {
  readonly section: 'serve' | 'gateway';
  readonly what: string;
  readonly defaultPort: number;
}

const PAGES: Listener = { section: 'serve', what: 'the pages', defaultPort: 8470 };
const GATEWAY: Listener = { section: 'gateway', what: 'the gateway', defaultPort: 8471 };

/**
 * Returns where the pages are served; `folder` is where relative paths start. Reached from outside they need TLS, ours or that of
 * a proxy: a link in a mail decides what a model may read.
 */
export function toServe(entry: ConfigFile['serve'], folder: string, problems: Problems): ServeConfig {
  return toListener(PAGES, entry, folder, problems);
}

/** Returns where clients reach the gateway, and who lets them in; other machines are let in with a token only. */
export function toGateway(entry: ConfigFile['gateway'], folder: string, problems: Problems): GatewayConfig {
  const { auth, log, ...listener } = entry ?? {};
  const config = toListener(GATEWAY, listener, folder, problems);
  const opens = auth === undefined ? opening(config) : undefined;
  if (opens !== undefined)
    refuse(
      'gateway',
      [opens],
      'opens the gateway to other machines: set gateway.auth, so that they need a token',
      problems,
    );
  if (auth !== undefined && config.publicUrl === undefined)
    refuse('gateway', ['auth'], 'needs gateway.publicUrl: tokens are made for that address', problems);
  return { ...config, log: toCallLog(log, problems), auth: toGatewayAuth(auth, problems) };
}

/** A proxy on this machine reaches it from within, on behalf of others. */
function opening({ host, publicUrl }: ServeConfig): 'host' | 'publicUrl' | undefined {
  if (!isLoopback(host)) return 'host';
  const url = publicUrl === undefined ? undefined : parseUrl(publicUrl);
  return url === undefined || isLoopback(url.hostname) ? undefined : 'publicUrl';
}

type LogEntry = NonNullable<ConfigFile['gateway']>['log'];

function toCallLog(entry: LogEntry, problems: Problems): CallLogSettings {
  if (entry === false) return { ...DEFAULT_CALL_LOG, isOn: false };
  const { keep, maxMegabytes, redact = [] } = entry ?? {};
  const keepMs = problems.attempt(['gateway', 'log', 'keep'], () => (keep === undefined ? undefined : parseDays(keep)));
  return {
    isOn: true,
    keepMs: keepMs ?? DEFAULT_CALL_LOG.keepMs,
    maxBytes: maxMegabytes === undefined ? DEFAULT_CALL_LOG.maxBytes : maxMegabytes * 1024 * 1024,
    redact,
  };
}

function toListener(
  { section, what, defaultPort }: Listener,
  entry: ConfigFile['serve'],
  folder: string,
  problems: Problems,
): ServeConfig {
  const {
    host = '127.0.0.1',
    port = defaultPort,
    publicUrl,
    tls,
    trustedProxies = [],
    allowedHosts = [],
  } = entry ?? {};
  const refuseHere: Refuse = (path, message) => {
    refuse(section, path, message, problems);
  };
  checkPublicUrl(publicUrl, tls !== undefined, section, refuseHere);
  checkReach({ host, publicUrl, hasTls: tls !== undefined, proxies: trustedProxies.length }, what, section, refuseHere);
  for (const [index, network] of trustedProxies.entries()) checkNetwork(network, ['trustedProxies', index], refuseHere);
  for (const [index, name] of allowedHosts.entries()) checkHost(name, ['allowedHosts', index], refuseHere);
  return {
    host,
    port,
    publicUrl: publicUrl?.replace(/\/+$/, ''),
    tls: tls === undefined ? undefined : { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) },
    trustedProxies,
    allowedHosts,
  };
}

type Refuse = (path: Path, message: string) => void;

function checkPublicUrl(publicUrl: string | undefined, hasTls: boolean, section: string, refuse: Refuse): void {
  if (publicUrl === undefined) return;
  const url = parseUrl(publicUrl);
  if (url === undefined || !isPlainUrl(url)) {
    const message =
      'must be an https:// address without user, query or fragment, such as https://sealwatch.example.com';
    refuse(['publicUrl'], message);
  } else if (url.protocol === 'http:' && hasTls) {
    refuse(['publicUrl'], `must start with https://, since ${section}.tls is set`);
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    const message =
      'must start with https://: over http anybody on the way could decide (http is for this machine only)';
    refuse(['publicUrl'], message);
  }
}

interface Reach {
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly hasTls: boolean;
  readonly proxies: number;
}

/** A listener that other machines reach speaks TLS itself, or says which proxies do. */
function checkReach({ host, publicUrl, hasTls, proxies }: Reach, what: string, section: string, refuse: Refuse): void {
  if (isLoopback(host)) return;
  const isHttps = (publicUrl ?? '').startsWith('https://');
  if (hasTls && publicUrl === undefined) {
    refuse(['host'], `opens ${what} to other machines: set ${section}.publicUrl to the https:// address they use`);
  } else if (!hasTls && !(isHttps && proxies > 0)) {
    const remedy = `set ${section}.tls, or set ${section}.trustedProxies to the proxy in front of it and ${section}.publicUrl to its https:// address, or leave host out`;
    refuse(['host'], `opens ${what} to other machines without https: ${remedy}`);
  }
}

/** A network of everyone would believe everyone. */
function checkNetwork(text: string, path: Path, refuse: Refuse): void {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
  if (isIP(address) !== 0 && isPrefix && rest.length === 0) return;
  refuse(path, `must be an address or a network such as 10.0.0.5 or 10.1.0.0/16, is ${quote(text, 60)}`);
}

function checkHost(text: string, path: Path, refuse: Refuse): void {
  if (/^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i.test(text)) return;
  refuse(path, `must be a host name such as sealwatch.internal, is ${quote(text, 60)}`);
}

function isPlainUrl(url: URL): boolean {
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

function refuse(section: string, path: Path, message: string, problems: Problems): void {
  problems.add({ code: 'CONFIG_INVALID', path: [section, ...path], message });
}
