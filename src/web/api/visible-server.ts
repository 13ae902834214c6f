import { hasRole, type Principal } from '../../model/principal.js';
import type { ServerId } from '../../model/server-id.js';
import type { Site } from '../site.js';

/** Returns the server of this name, configured or once seen, where somebody may see it; `undefined` otherwise, whatever the reason. */
export async function visibleServer(
  principal: Principal,
  name: string,
  { servers, deps }: Pick<Site, 'servers' | 'deps'>,
): Promise<ServerId | undefined> {
  if (!hasRole(principal, 'viewer', name)) return undefined;
  const configured = servers.find(({ id }) => id === name)?.id;
  return configured ?? (await deps.store.listChecks()).find(({ server }) => server === name)?.server;
}
