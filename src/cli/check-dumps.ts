import { codeOf, messageOf, SealwatchError } from '../errors.js';
import { DECLARED_KINDS } from '../model/definition.js';
import type { Lock, LockCheck, LockedServer } from '../model/lock.js';
import type { Neighbour } from '../model/neighbour.js';
import { compareWithLock, type LookDeps } from '../monitor/check-lock.js';
import { asNeighbour } from '../monitor/inspect-all.js';
import { type Dump, dumpPath, readDump } from './read-dump.js';

/**
 * Compares dumps with a lock. What a server says of itself, where it comes from, and pins are not in a dump, and are not compared; a list that the lock
 * has and the dump has not could not be checked.
 */
export async function checkDumps(
  lock: Lock,
  path: string,
  names: readonly string[],
  deps: Omit<LookDeps, 'observer'>,
): Promise<readonly LockCheck[]> {
  const chosen = choose(lock, path, names);
  const read = chosen.map((locked) => ({ locked, dump: tryToRead(locked, path) }));
  const neighbours = read.flatMap(({ dump }) => ('kind' in dump ? [] : [asNeighbour(dump.snapshot)]));
  const checks: LockCheck[] = [];
  for (const { locked, dump } of read) {
    checks.push('kind' in dump ? dump : await compare(locked, dump, neighbours, deps));
  }
  return checks;
}

function choose({ servers }: Lock, path: string, names: readonly string[]): readonly LockedServer[] {
  const unknown = names.find((name) => !servers.some(({ server }) => server === name));
  if (unknown !== undefined) throw new SealwatchError('NOT_FOUND', `no server ${JSON.stringify(unknown)} in the lock`);
  const chosen = names.length === 0 ? servers : servers.filter(({ server }) => names.includes(server));
  // One file can only be about one server.
  const isFolder = chosen.every(({ server }) => dumpPath(path, server) !== path);
  if (chosen.length > 1 && !isFolder) {
    throw new SealwatchError(
      'USAGE',
      `${path} is one dump: name the server that it is of, or a folder with SERVER.json`,
    );
  }
  if (chosen.length === 0) throw new SealwatchError('LOCK_INVALID', 'the lock names no server');
  return chosen;
}

type Unread = Extract<LockCheck, { kind: 'unchecked' }>;

function tryToRead(locked: LockedServer, path: string): Dump | Unread {
  const { server } = locked;
  try {
    const dump = readDump(dumpPath(path, server), locked);
    const missing = DECLARED_KINDS.filter(
      (kind) => !dump.kinds.includes(kind) && locked.definitions.some(({ ref }) => ref.kind === kind),
    );
    if (missing.length === 0) return dump;
    throw new SealwatchError('OBSERVE_SHAPE', `the dump has not what the lock has of these: ${missing.join(', ')}`);
  } catch (error) {
    return { kind: 'unchecked', server, code: codeOf(error), message: messageOf(error) };
  }
}

async function compare(
  locked: LockedServer,
  { snapshot, kinds }: Dump,
  neighbours: readonly Neighbour[],
  deps: Omit<LookDeps, 'observer'>,
): Promise<LockCheck> {
  const declared = { ...locked, definitions: locked.definitions.filter(({ ref }) => kinds.includes(ref.kind)) };
  const others = neighbours.filter(({ server }) => server !== locked.server);
  return await compareWithLock(declared, snapshot, { connection: undefined, volatile: [], neighbours: others }, deps);
}
