import type { Target } from './client.js';

/** Any object of a parsed file. */
export type Members = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object with members. */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns what an entry makes its client start or connect to, whatever client it is of. What is not understood is unknown, with
 * the reason, rather than left out.
 */
export function readTarget(entry: Members): Target {
  const command = readCommand(entry);
  if (command === 'invalid') return unknown('its command is neither a text nor a list of texts');
  const addresses = new Set(URL_KEYS.map((key) => entry[key]).filter((value) => value !== undefined));
  const [url] = addresses;
  if (addresses.size > 1) return unknown('it has several addresses');
  if (url === undefined) return command ?? unknown('it has neither a command nor an address');
  if (command !== undefined) return unknown('it has a command and an address');
  if (typeof url !== 'string' || !URL.canParse(url)) return unknown('its address is no URL, or holds variables');
  return { kind: 'http', url, headerNames: headerNames(entry) };
}

/** `serverUrl`: Windsurf; `httpUrl`: Gemini CLI. */
const URL_KEYS = ['url', 'serverUrl', 'httpUrl'];

function readCommand(entry: Members): Target | 'invalid' | undefined {
  const command = entry['command'];
  if (command === undefined) return undefined;
  // Older settings of Zed: the command is an object.
  if (isMembers(command)) {
    const path = command['path'];
    return typeof path === 'string' ? readCommand({ ...command, command: path }) : 'invalid';
  }
  // OpenCode: the command is a list with its arguments.
  const words: unknown = Array.isArray(command) ? command : [command, ...argumentsOf(entry)];
  if (!isTexts(words)) return 'invalid';
  const [program, ...args] = words;
  if (program === undefined || program.trim() === '') return 'invalid';
  const cwd = entry['cwd'] ?? entry['workingDirectory'];
  return {
    kind: 'stdio',
    command: program,
    args,
    cwd: typeof cwd === 'string' ? cwd : undefined,
    envNames: envNames(entry),
    hasEnvFile: entry['envFile'] !== undefined,
  };
}

function argumentsOf({ args }: Members): readonly unknown[] {
  if (args === undefined || args === null) return [];
  // Anything else than a list must not pass for no arguments.
  return Array.isArray(args) ? args : [undefined];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** `environment`: OpenCode; `env_vars`: Codex. */
function envNames({ env, environment, env_vars: passed }: Members): readonly string[] {
  const list: readonly unknown[] = Array.isArray(passed) ? passed : [];
  const names = list.map((one) => (isMembers(one) ? one['name'] : one));
  return sorted([...namesOf(env), ...namesOf(environment), ...names]);
}

/** `requestOptions`: Continue; the others with `header` in their name: Codex. */
function headerNames(entry: Members): readonly string[] {
  const options = entry['requestOptions'];
  const objects = [
    entry['headers'],
    entry['http_headers'],
    entry['env_http_headers'],
    isMembers(options) ? options['headers'] : undefined,
  ];
  return sorted(objects.flatMap(namesOf));
}

function namesOf(value: unknown): readonly string[] {
  return isMembers(value) ? Object.keys(value) : [];
}

function sorted(names: readonly unknown[]): readonly string[] {
  return [...new Set(names.filter((name) => typeof name === 'string'))].sort();
}

function unknown(why: string): Target {
  return { kind: 'unknown', why };
}
