import type { ClientServer, Target } from './client.js';
import type { ClientEntry } from './read-client-file.js';

/** One server, and every place where a client names it. */
export interface ServerGroup<Mark> {
  readonly target: Target;
  readonly mark: Mark;
  /** At least one. */
  readonly uses: readonly ClientServer[];
}

/**
 * Returns servers with those that are the same as one: the same command, arguments, folder and names of variables, or the same
 * address; and the same mark. Of what is unknown, nothing is the same.
 */
export function groupServers<Mark>(
  entries: readonly ClientEntry[],
  markOf: (entry: ClientEntry) => Mark,
): readonly ServerGroup<Mark>[] {
  const groups = new Map<string, { readonly target: Target; readonly mark: Mark; readonly uses: ClientServer[] }>();
  for (const [index, entry] of entries.entries()) {
    const { target } = entry.server;
    const mark = markOf(entry);
    const key = JSON.stringify([keyOf(target) ?? `unknown ${index}`, mark]);
    const group = groups.get(key) ?? { target, mark, uses: [] };
    group.uses.push(entry.server);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function keyOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'stdio':
      return JSON.stringify([target.command, target.args, target.cwd ?? null, target.envNames, target.hasEnvFile]);
    case 'http':
      return new URL(target.url).href;
    case 'unknown':
      return undefined;
  }
}
