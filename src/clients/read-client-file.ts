import type { ClientPlace, ClientReading, ClientScope, ClientServer } from './client.js';
import { parseClientText } from './parse-client-text.js';
import { isMembers, type Members, readTarget } from './read-target.js';

/** Returns the servers that a client's file names, or why that cannot be told. A file without any is read and names none. */
export function readClientFile(text: string, file: string, place: ClientPlace): ClientReading {
  const parsed = parseClientText(text, file);
  if (parsed.kind === 'unreadable') return parsed;
  if (parsed.value === undefined || parsed.value === null) return { kind: 'read', servers: [] };
  if (!isMembers(parsed.value)) return unreadable('it is no object');
  const found = entriesIn(parsed.value, place);
  if (typeof found === 'string') return unreadable(found);
  const servers = found.map(({ scope, name, entry }): ClientServer => {
    const target = isMembers(entry) ? readTarget(entry) : { kind: 'unknown' as const, why: 'its entry is no object' };
    return { client: place.client, scope, file, name, isDisabled: isDisabled(entry), target };
  });
  return { kind: 'read', servers };
}

interface Found {
  readonly scope: ClientScope;
  readonly name: string;
  readonly entry: unknown;
}

/** A text is the reason why it cannot be told. */
function entriesIn(root: Members, { client, scope, at }: ClientPlace): readonly Found[] | string {
  const holder = memberAt(root, at);
  if (holder === 'invalid') return `${at.join('.')} is in something that is no object`;
  // A block of Continue may be one server by itself.
  if (holder === undefined && client === 'Continue' && (root['command'] ?? root['url']) !== undefined)
    return 'it is a server without a name';
  const servers = client === 'OpenCode' ? openCodeServers(holder, scope) : entriesOf(holder, scope);
  if (servers === undefined) return `${at.join('.')} is neither an object nor a list`;
  if (client !== 'Claude Code' || scope !== 'user') return servers;
  const local = projectsOf(root['projects']);
  return local === undefined ? 'projects is not as expected' : [...servers, ...local];
}

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
function entriesOf(holder: unknown, scope: ClientScope): readonly Found[] | undefined {
  if (holder === undefined || holder === null) return [];
  if (Array.isArray(holder))
    return holder.map((entry: unknown, index) => ({ scope, name: nameIn(entry, index), entry }));
  return isMembers(holder) ? Object.entries(holder).map(([name, entry]) => ({ scope, name, entry })) : undefined;
}

function nameIn(entry: unknown, index: number): string {
  const name = isMembers(entry) ? (entry['name'] ?? entry['uses']) : undefined;
  return typeof name === 'string' ? name : `#${index + 1}`;
}

/** Version 2 has a member `servers`; before, that would be a server, which has a type. */
function openCodeServers(holder: unknown, scope: ClientScope): readonly Found[] | undefined {
  const inner = isMembers(holder) ? holder['servers'] : undefined;
  const isSecond = isMembers(inner) && typeof inner['type'] !== 'string' && inner['command'] === undefined;
  return entriesOf(isSecond ? inner : holder, scope);
}

/** Servers that somebody has added for one project are in the file of the user, below the project's path. */
function projectsOf(projects: unknown): readonly Found[] | undefined {
  if (projects === undefined) return [];
  if (!isMembers(projects)) return undefined;
  const all = Object.values(projects).map((project) =>
    isMembers(project) ? entriesOf(project['mcpServers'], 'local') : undefined,
  );
  return all.some((one) => one === undefined) ? undefined : all.flatMap((one) => one ?? []);
}

/** Only what is surely off is off. */
function isDisabled(entry: unknown): boolean {
  return isMembers(entry) && (entry['disabled'] === true || entry['enabled'] === false);
}

function unreadable(why: string): ClientReading {
  return { kind: 'unreadable', why };
}
