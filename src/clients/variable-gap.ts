import type { Target } from './client.js';
import { variablesOf } from './entry-values.js';

/**
 * Returns why a program would get other variables if it were started with these instead of by its client; `undefined` where it
 * would get the same. Names are told, values are not. What the entry has as neither a text, a number nor a flag counts as unknown.
 */
export function variableGap(
  entry: unknown,
  target: Extract<Target, { kind: 'stdio' }>,
  env: Readonly<Record<string, string>>,
): string | undefined {
  if (target.hasEnvFile) return 'its client reads more variables from a file (envFile)';
  const given = variablesOf(entry);
  const absent = target.envNames.filter((name) => !Object.hasOwn(env, name));
  if (absent.length > 0) return `its client sets ${absent.join(', ')}, and the configuration does not`;
  const extra = Object.keys(env).filter((name) => !target.envNames.includes(name));
  if (extra.length > 0) return `the configuration sets ${extra.sort().join(', ')}, and its client does not`;
  const other = target.envNames.filter((name) => given.get(name) !== env[name]);
  return other.length > 0 ? `its client sets another value for ${other.join(', ')} than the configuration` : undefined;
}

/**
 * Returns why a program can be made to run other code by the variables that its client sets than with these; `undefined` where it
 * cannot.
 */
export function decisiveGap(
  entry: unknown,
  target: Extract<Target, { kind: 'stdio' }>,
  env: Readonly<Record<string, string>>,
  isDecisive: (name: string) => boolean,
): string | undefined {
  const kept = Object.entries(env).filter(([name]) => isDecisive(name));
  const decisive = { ...target, envNames: target.envNames.filter(isDecisive) };
  return variableGap(entry, decisive, Object.fromEntries(kept));
}
