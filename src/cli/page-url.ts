import type { ServeConfig } from '../config/config.js';

/** Returns where people reach the pages: as configured, else on this machine. */
export function pageUrl({ publicUrl, host, port, tls }: ServeConfig): string {
  return publicUrl ?? `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
