import type { ClientServer, Target } from './client.js';

/** One server, and every place where a client names it. */
export interface ServerGroup {
  readonly target: Target;
  /** At least one. */
  readonly uses: readonly ClientServer[];
}

/**
 * Returns servers with those that are the same as one: the same command, arguments, folder and names of variables, or the same
 * address. Of what is unknown, nothing is the same.
 */
export function groupServers(servers: readonly ClientServer[]): readonly ServerGroup[] {
  const groups = new Map<string, ClientServer[]>();
  for (const [index, server] of servers.entries()) {
    const key = keyOf(server.target) ?? `unknown ${index}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [server]);
    else group.push(server);
  }
  return [...groups.values()].flatMap((uses) => (uses[0] === undefined ? [] : [{ target: uses[0].target, uses }]));
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
