import { isMembers, type Members } from './read-target.js';

/** What an entry sets, by name; `undefined` where it is neither a text nor a number nor a flag. */
export type EntryValues = ReadonlyMap<string, string | undefined>;

/** Returns the variables that an entry sets for its program, as it writes them. */
export function variablesOf(entry: unknown): EntryValues {
  if (!isMembers(entry)) return new Map();
  const { command, env_vars: passed } = entry;
  const holder = isMembers(command) ? command : entry;
  // Codex: names of variables that it passes on.
  const names: readonly unknown[] = Array.isArray(passed) ? passed : [];
  const passedOn = names
    .map((one) => (isMembers(one) ? one['name'] : one))
    .filter((name) => typeof name === 'string')
    .map((name) => [name, `\${${name}}`] as const);
  return new Map([...passedOn, ...valuesIn(holder['env']), ...valuesIn(holder['environment'])]);
}

/** Returns the headers that an entry sets, as it writes them. */
export function headersOf(entry: unknown): EntryValues {
  if (!isMembers(entry)) return new Map();
  const options = entry['requestOptions'];
  const bearer = entry['bearer_token_env_var'];
  return new Map([
    ...valuesIn(entry['headers']),
    ...valuesIn(entry['http_headers']),
    ...valuesIn(isMembers(options) ? options['headers'] : undefined),
    // Codex: names of variables that hold the values.
    ...valuesIn(entry['env_http_headers']).map(([name, variable]) => [name, variable && `\${${variable}}`] as const),
    ...(typeof bearer === 'string' ? ([['Authorization', `Bearer \${${bearer}}`]] as const) : []),
  ]);
}

function valuesIn(members: unknown): readonly (readonly [string, string | undefined])[] {
  return isMembers(members)
    ? Object.entries(members satisfies Members).map(([name, value]) => [name, textOf(value)])
    : [];
}

function textOf(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
