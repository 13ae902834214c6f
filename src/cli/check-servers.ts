import type { Config } from '../config/config.js';
import { SealwatchError } from '../errors.js';
import type { Lock, LockCheck } from '../model/lock.js';
import type { Server } from '../model/server.js';
import { compareWithLock, lookAt, type LookDeps } from '../monitor/check-lock.js';
import { asNeighbour } from '../monitor/inspect-all.js';

/**
 * Compares the servers of a configuration with a lock. A server that is in one of the two alone is told, and not started.
 *
 * @throws {SealwatchError} `NOT_FOUND` for a name that is in neither; `CONFIG_INVALID` where there is no server at all
 */
export async function checkServers(
  lock: Lock,
  config: Config,
  names: readonly string[],
  deps: LookDeps,
  signal: AbortSignal,
): Promise<readonly LockCheck[]> {
  const ids = idsOf(lock, config, names);
  const locked = new Map(lock.servers.map((one) => [String(one.server), one]));
  const servers = config.servers.filter(({ id }) => ids.includes(id) && locked.has(id));
  const looked = await compareAll(servers, lock, config, deps, signal);
  return ids.map((id) => looked.find(({ server }) => server === id) ?? elsewhere(id, lock, config));
}

function idsOf(lock: Lock, config: Config, names: readonly string[]): readonly string[] {
  const all = new Set([
    ...config.servers.map(({ id }) => String(id)),
    ...lock.servers.map(({ server }) => String(server)),
  ]);
  if (all.size === 0) throw new SealwatchError('CONFIG_INVALID', `${config.file} and the lock name no server`);
  const unknown = names.find((name) => !all.has(name));
  if (unknown !== undefined) {
    throw new SealwatchError('NOT_FOUND', `no server ${JSON.stringify(unknown)} in ${config.file} or in the lock`);
  }
  return [...all].filter((id) => names.length === 0 || names.includes(id)).sort();
}

function elsewhere(id: string, lock: Lock, config: Config): LockCheck {
  const locked = lock.servers.find(({ server }) => server === id);
  const configured = config.servers.find((server) => server.id === id);
  if (locked === undefined && configured !== undefined) return { kind: 'not-locked', server: configured.id };
  if (locked === undefined) throw new SealwatchError('INTERNAL', `${id} is in neither of the two`);
  const isDisabled = config.disabled.includes(locked.server);
  return { kind: isDisabled ? 'disabled' : 'not-configured', server: locked.server };
}

async function compareAll(
  servers: readonly Server[],
  lock: Lock,
  config: Config,
  deps: LookDeps,
  signal: AbortSignal,
): Promise<readonly LockCheck[]> {
  const looked = await lookAt(servers, deps, config, signal);
  const neighbours = looked.flatMap((one) => (one.kind === 'seen' ? [asNeighbour(one.snapshot)] : []));
  const checks: LockCheck[] = [];
  for (const one of looked) {
    const id = one.kind === 'seen' ? one.snapshot.server : one.server;
    const locked = lock.servers.find(({ server }) => server === id);
    const server = servers.find((one) => one.id === id);
    if (one.kind === 'unchecked') checks.push({ kind: 'unchecked', server: id, code: one.code, message: one.message });
    else if (locked !== undefined && server !== undefined) {
      const others = neighbours.filter(({ server }) => server !== id);
      checks.push(
        await compareWithLock(
          locked,
          one.snapshot,
          { connection: server.connection, volatile: server.volatile, neighbours: others },
          deps,
        ),
      );
    }
  }
  return checks;
}
