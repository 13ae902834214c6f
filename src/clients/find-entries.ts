import type { ClientPlace, ClientScope } from './client.js';
import { isMembers, type Members } from './read-target.js';

/** What a client's file says of one server. */
export interface Entry {
  readonly scope: ClientScope;
  readonly name: string;
  /** Where it is, from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly entry: unknown;
}

/** Returns the entries of servers in a parsed file; a text is the reason why it cannot be told. */
export function findEntries(root: Members, { client, scope, at }: ClientPlace): readonly Entry[] | string {
  const holder = memberAt(root, at);
  if (holder === 'invalid') return `${at.join('.')} is in something that is no object`;
  // A block of Continue may be one server by itself.
  if (holder === undefined && client === 'Continue' && (root['command'] ?? root['url']) !== undefined)
    return 'it is a server without a name';
  const servers = client === 'OpenCode' ? openCodeServers(holder, scope, at) : entriesOf(holder, scope, at);
  if (servers !== undefined && servers.length > MAX_ENTRIES) return `it names more than ${MAX_ENTRIES} servers`;
  if (servers === undefined) return `${at.join('.')} is neither an object nor a list`;
  if (client !== 'Claude Code' || scope !== 'user') return servers;
  const local = projectsOf(root['projects']);
  return local === undefined ? 'projects is not as expected' : [...servers, ...local];
}

/** Attack: so many entries that looking at them takes minutes. */
const MAX_ENTRIES = 500;

function memberAt(root: Members, at: readonly string[]): unknown {
  let value: unknown = root;
  for (const key of at) {
    if (!isMembers(value)) return 'invalid';
    if (!Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** Continue writes a list, everyone else an object. */
function entriesOf(holder: unknown, scope: ClientScope, at: readonly string[]): readonly Entry[] | undefined {
  if (holder === undefined || holder === null) return [];
  if (Array.isArray(holder))
    return holder.map((entry: unknown, index) => ({ scope, name: nameIn(entry, index), path: [...at, index], entry }));
  return isMembers(holder)
    ? Object.entries(holder).map(([name, entry]) => ({ scope, name, path: [...at, name], entry }))
    : undefined;
}

function nameIn(entry: unknown, index: number): string {
  const name = isMembers(entry) ? (entry['name'] ?? entry['uses']) : undefined;
  return typeof name === 'string' ? name : `#${index + 1}`;
}

/** Version 2 has a member `servers`; before, that would be a server, which has a type. */
function openCodeServers(holder: unknown, scope: ClientScope, at: readonly string[]): readonly Entry[] | undefined {
  const inner = isMembers(holder) ? holder['servers'] : undefined;
  const isSecond = isMembers(inner) && typeof inner['type'] !== 'string' && inner['command'] === undefined;
  return isSecond ? entriesOf(inner, scope, [...at, 'servers']) : entriesOf(holder, scope, at);
}

/** Servers that somebody has added for one project are in the file of the user, below the project's path. */
function projectsOf(projects: unknown): readonly Entry[] | undefined {
  if (projects === undefined) return [];
  if (!isMembers(projects)) return undefined;
  const all = Object.entries(projects).map(([path, project]) =>
    isMembers(project) ? entriesOf(project['mcpServers'], 'local', ['projects', path, 'mcpServers']) : undefined,
  );
  return all.some((one) => one === undefined) ? undefined : all.flatMap((one) => one ?? []);
}
