import type { ServeConfig } from '../config/config.js';

/** Returns where people reach the pages: as configured, else on this machine. */
export function pageUrl({ publicUrl, host, port }: ServeConfig): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
