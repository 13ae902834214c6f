import { makeVisible } from '../quote.js';
import type { Target } from './client.js';
import { type EntryValues, headersOf, variablesOf } from './entry-values.js';
import { type Hide, hideHeader, hideInArguments, hideInUrl } from './hide-words.js';
import { isPlainValue, isSecretName } from './looks-secret.js';
import { isAbsolute, isOfItsFolder, projectFolder } from './project-folder.js';
import type { ClientEntry } from './read-client-file.js';
import { isMembers } from './read-target.js';
import { readOurCommand } from './read-our-command.js';
import { neededBy, referencesIn, toReferences } from './references.js';
import { isSse } from './transport.js';
import type { VariableNames } from './variable-names.js';

/** An entry of a configuration of ours. */
export type ConfigEntry =
  | {
      readonly command: string;
      readonly args: readonly string[];
      readonly cwd?: string;
      readonly env?: Readonly<Record<string, string>>;
    }
  | { readonly type?: 'sse'; readonly url: string; readonly headers?: Readonly<Record<string, string>> };

export type TakenEntry =
  | {
      readonly kind: 'taken';
      readonly entry: ConfigEntry;
      /** Variables of the environment that have to be set, in order. */
      readonly needs: readonly string[];
      /** The same with those that are read if they are set. */
      readonly reads: readonly string[];
    }
  | { readonly kind: 'left'; readonly why: string };

/** Where an entry goes to. */
export interface Destination {
  readonly id: string;
  /** The folder of the configuration. */
  readonly folder: string;
  readonly names: VariableNames;
}

/**
 * Returns what a client says of a server as an entry of a configuration. Each value that may be a secret is replaced by a variable,
 * which is to be set; what the configuration cannot say is left, with the reason, which repeats no value.
 */
export function toConfigEntry(one: ClientEntry, destination: Destination): TakenEntry {
  const { target } = one.server;
  switch (target.kind) {
    case 'unknown':
      return left(target.why);
    case 'stdio':
      return readOurCommand(target) === undefined
        ? toLaunch(one, target, destination)
        : left('it is Sealwatch already');
    case 'http':
      return toAddress(one, target.url, destination);
  }
}

type Stdio = Extract<Target, { kind: 'stdio' }>;

function toLaunch(one: ClientEntry, target: Stdio, destination: Destination): TakenEntry {
  const { client } = one.server;
  if (target.hasEnvFile) return left('its client reads more variables from a file (envFile)');
  const words = [target.command, ...target.args].map((word) => toReferences(word, client));
  const cwd = target.cwd === undefined ? undefined : toReferences(target.cwd, client);
  const foreign = [...words, ...(cwd === undefined ? [] : [cwd])].find((word) => word.foreign !== undefined)?.foreign;
  if (foreign !== undefined) return left(foreignWords(foreign));
  const [command = '', ...args] = words.map(({ text }) => text);
  const folder = folderOf(one, [command, ...args], cwd?.text);
  if (folder === null) return left('it is named from a folder that its client chooses');
  const hide = hideFor(destination);
  const values = variablesOf(one.entry);
  const env = hidden(values, one, (value, name) => (isSecretName(name) || !isPlainValue(value) ? 'all' : 'none'), hide);
  if (typeof env === 'string') return left(env);
  return taken({
    command,
    args: hideInArguments(args, hide),
    ...(folder === undefined || folder === destination.folder ? {} : { cwd: folder }),
    ...(values.size === 0 ? {} : { env }),
  });
}

/** Returns the folder that has to be named; `undefined` where any will do, and null where it is not known which. */
function folderOf(one: ClientEntry, words: readonly string[], cwd: string | undefined): string | undefined | null {
  const project = projectFolder(one);
  if (cwd !== undefined && isAbsolute(cwd)) return cwd;
  if (cwd !== undefined) return project === undefined ? null : `${project}/${cwd}`;
  return project ?? (isOfItsFolder(words) ? null : undefined);
}

function toAddress(one: ClientEntry, address: string, destination: Destination): TakenEntry {
  const { text, foreign } = toReferences(address, one.server.client);
  if (foreign !== undefined) return left(foreignWords(foreign));
  const { username, password } = new URL(address);
  if (username !== '' || password !== '') return left('its address has a user or a password: put them into headers');
  const hide = hideFor(destination);
  const values = headersOf(one.entry);
  const headers = hidden(
    values,
    one,
    (value, name) => (isSecretName(name) || !isPlainValue(value) ? 'header' : 'none'),
    hide,
  );
  if (typeof headers === 'string') return left(headers);
  return taken({
    ...(isSse(one.entry) ? { type: 'sse' } : {}),
    url: hideInUrl(withAsciiHost(text), hide),
    ...(values.size === 0 ? {} : { headers }),
  });
}

/** Attack: letters of another script that look like those of a host that a person knows. */
function withAsciiHost(address: string): string {
  return address.replace(/^([a-z][\w+.-]*:\/\/)([^/?#]*)/i, (whole, scheme: string, host: string) =>
    /[^\x00-\x7f]/.test(host) ? scheme + new URL(whole).host : whole,
  );
}

type Hidden = 'all' | 'header' | 'none';

/** Returns values with what may be secret hidden; a text is the reason why not. */
function hidden(
  values: EntryValues,
  { server }: ClientEntry,
  howFor: (value: string, name: string) => Hidden,
  hide: Hide,
): Readonly<Record<string, string>> | string {
  const result: [string, string][] = [];
  for (const [name, value] of values) {
    if (value === undefined) return `its ${makeVisible(name)} is no text`;
    const { text, rest, foreign } = toReferences(value, server.client);
    const isReference = foreign === undefined && text !== rest && /^(?:(?:Bearer|Basic|Token|ApiKey)\s+)?$/i.test(rest);
    if (isReference) result.push([name, text]);
    else
      result.push([
        name,
        hiddenValue(value, text, name, { how: foreign === undefined ? howFor(rest, name) : 'all', hide }),
      ]);
  }
  return Object.fromEntries(result);
}

function hiddenValue(
  value: string,
  text: string,
  name: string,
  { how, hide }: { readonly how: Hidden; readonly hide: Hide },
): string {
  switch (how) {
    case 'all':
      return value === '' ? '' : hide(value, name);
    case 'header':
      return hideHeader(text, name, hide);
    case 'none':
      return text;
  }
}

/** Each variable has the name of its server, so that it is no other server's. */
function hideFor({ id, names }: Destination): Hide {
  return (value, wanted) => `\${${names.nameFor(value, wanted, id)}}`;
}

function taken(entry: ConfigEntry): TakenEntry {
  const texts = textsOf(entry);
  // Attack: a word that shows as another one, in a file that a person reads before it is trusted.
  if (texts.some((text) => makeVisible(text.replaceAll('\\', '/')) !== text.replaceAll('\\', '/')))
    return left('it has characters that cannot be seen');
  const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
  return {
    kind: 'taken',
    entry,
    needs: sorted(texts.flatMap(neededBy)),
    reads: sorted(texts.flatMap(referencesIn)),
  };
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return isMembers(value) ? Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]) : [];
}

function foreignWords(reference: string): string {
  const isShort = /^\$\{[\w:./ -]{1,40}\}$/.test(reference);
  return `only its client knows ${isShort ? reference : 'one of its variables'}`;
}

function left(why: string): TakenEntry {
  return { kind: 'left', why };
}
