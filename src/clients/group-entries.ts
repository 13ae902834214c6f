import { headersOf, variablesOf } from './entry-values.js';
import { projectFolder } from './project-folder.js';
import type { ClientEntry } from './read-client-file.js';
import { isSse } from './transport.js';

/** One server, and every entry of a client that is the same. */
export interface EntryGroup {
  readonly first: ClientEntry;
  /** At least the first. */
  readonly entries: readonly ClientEntry[];
}

/**
 * Returns entries with those that are the same as one: the same command, arguments, folder and variables, or the same address and
 * headers, to the last value, since other values can make it another account, and so another server.
 */
export function groupEntries(entries: readonly ClientEntry[]): readonly EntryGroup[] {
  const groups = new Map<string, ClientEntry[]>();
  for (const [index, entry] of entries.entries()) {
    const key = keyOf(entry) ?? `unknown ${index}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return [...groups.values()].flatMap((all) => (all[0] === undefined ? [] : [{ first: all[0], entries: all }]));
}

function keyOf(one: ClientEntry): string | undefined {
  const { target } = one.server;
  switch (target.kind) {
    case 'unknown':
      return undefined;
    case 'stdio': {
      const { command, args, cwd = null, hasEnvFile } = target;
      // Even a name can mean something else in another folder: a script, a module, a program that is installed there.
      const folder = projectFolder(one) ?? null;
      return JSON.stringify([command, args, cwd, folder, hasEnvFile, sorted(variablesOf(one.entry))]);
    }
    case 'http':
      return JSON.stringify([new URL(target.url).href, isSse(one.entry), sorted(headersOf(one.entry))]);
  }
}

function sorted(values: ReadonlyMap<string, string | undefined>): readonly unknown[] {
  return [...values].map(([name, value = null]) => [name, value]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
