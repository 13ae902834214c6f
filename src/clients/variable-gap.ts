import type { Target } from './client.js';
import { isMembers } from './read-target.js';

/**
 * Returns why a program would get other variables if it were started with these instead of by its client; `undefined` where it
 * would get the same. Names are told, values are not. Names that are not texts of the entry count as unknown.
 */
export function variableGap(
  entry: unknown,
  target: Extract<Target, { kind: 'stdio' }>,
  env: Readonly<Record<string, string>>,
): string | undefined {
  if (target.hasEnvFile) return 'its client reads more variables from a file (envFile)';
  const given = valuesOf(entry);
  const absent = target.envNames.filter((name) => !Object.hasOwn(env, name));
  if (absent.length > 0) return `its client sets ${absent.join(', ')}, and the configuration does not`;
  const other = target.envNames.filter((name) => given.get(name) !== env[name]);
  return other.length > 0 ? `its client sets another value for ${other.join(', ')} than the configuration` : undefined;
}

function valuesOf(entry: unknown): ReadonlyMap<string, unknown> {
  if (!isMembers(entry)) return new Map();
  const { command } = entry;
  const holder = isMembers(command) ? command : entry;
  return new Map([holder['env'], holder['environment']].flatMap((one) => (isMembers(one) ? Object.entries(one) : [])));
}
