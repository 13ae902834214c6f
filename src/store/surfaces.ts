import type { Neighbour } from '../model/neighbour.js';
import { parseServerId, type ServerId } from '../model/server-id.js';
import type { Snapshot } from '../model/snapshot.js';
import { readJson } from './read-json.js';
import type { Scope } from './scope.js';

/** Keeps the names of a server's tools, and lets every other server be evaluated again when they change. */
export async function saveSurface(rows: Scope, { server, vantage, definitions }: Snapshot): Promise<void> {
  const names = definitions
    .filter(({ ref }) => ref.kind === 'tool' && ref.position === undefined)
    .map(({ ref }) => ref.name);
  const tools = JSON.stringify([...new Set(names)].sort());
  const stored = await rows
    .select('surfaces')
    .select('tools')
    .where('server', '=', server)
    .where('vantage', '=', vantage)
    .executeTakeFirst();
  if (stored?.tools === tools) return;
  await rows.remove('surfaces').where('server', '=', server).where('vantage', '=', vantage).execute();
  await rows.insert('surfaces', { server, vantage, tools }).execute();
  const { surroundings } = await rows.select('tenants').select('surroundings').executeTakeFirstOrThrow();
  await rows.update('tenants', { surroundings: surroundings + 1 }).execute();
}

/** Returns the tool names of the other servers' newest snapshots. */
export async function loadNeighbours(rows: Scope, except: ServerId): Promise<readonly Neighbour[]> {
  const surfaces = await rows
    .select('surfaces')
    .select(['server', 'tools'])
    .where('server', '<>', except)
    .orderBy('server')
    .orderBy('vantage')
    .execute();
  const byServer = new Map<string, readonly string[]>();
  for (const { server, tools } of surfaces) {
    byServer.set(server, [...(byServer.get(server) ?? []), ...readJson<readonly string[]>(tools)]);
  }
  return [...byServer].map(([server, tools]) => ({ server: parseServerId(server), tools: [...new Set(tools)] }));
}
