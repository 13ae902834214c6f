import type { Config } from '../config/config.js';

/** Returns what the gateway serves at an address: one server, or all of them; `undefined` where the address is not its own. */
export function gatewayServes(
  address: string,
  { gateway, servers }: Config,
): { readonly server: string | undefined } | undefined {
  const { host, port, publicUrl, tls } = gateway;
  const own = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const base = [publicUrl, own, own.replace('127.0.0.1', 'localhost')].find(
    (one) => one !== undefined && isBelow(address, one),
  );
  if (base === undefined) return undefined;
  const rest = new URL(address).href.slice(new URL(base).href.replace(/\/$/, '').length);
  if (rest === '/mcp') return { server: undefined };
  const [, name] = /^\/servers\/([^/?#]+)\/mcp$/.exec(rest) ?? [];
  return servers.some(({ id }) => id === name) ? { server: name } : undefined;
}

function isBelow(address: string, base: string): boolean {
  return URL.canParse(base) && new URL(address).href.startsWith(`${new URL(base).href.replace(/\/$/, '')}/`);
}
