import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse } from 'smol-toml';

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { type Evidence, present, unknown, unreached } from '../model/package-facts.js';
import { quote } from '../quote.js';
import type { SourceContext } from './package-source.js';

const PUBLIC_INDEX = 'https://pypi.org/simple';

/** Where the configuration of a machine lies. */
interface Machine extends Pick<SourceContext, 'env' | 'command'> {
  /** `/etc`, but in tests. */
  readonly etc: string;
}

/**
 * Returns the index that `uvx` or `pipx` takes packages from, by the configuration of the user and of the machine, which is all that they read
 * besides the environment. A setting that is not known to change nothing about what is chosen makes it `unknown`.
 */
export async function readPythonIndex({ env, command, etc }: Machine): Promise<Evidence<URL>> {
  const isPip = command !== undefined && /(?:^|[/\\])pipx(?:\.exe)?$/i.test(command);
  const files = isPip ? pipFiles(env, etc) : uvFiles(env, etc);
  for (const file of files) {
    const found = await readSettings(file, isPip ? indexOfPip : indexOfUv);
    if (found.kind !== 'present') return found;
    if (found.value === undefined) continue;
    if (!URL.canParse(found.value)) return unknown(`${quote(file, 120)} names an index that is no address`);
    return present(new URL(found.value));
  }
  return present(new URL(PUBLIC_INDEX));
}

type Settings = Evidence<string | undefined>;

/** In the order in which the first that names an index counts. */
function uvFiles({ HOME, APPDATA, PROGRAMDATA }: SourceContext['env'], etc: string): readonly string[] {
  const folders = [HOME && join(HOME, '.config'), APPDATA, PROGRAMDATA, join(etc, 'xdg'), etc];
  return folders.flatMap((folder) => (folder ? [join(folder, 'uv', 'uv.toml')] : []));
}

function pipFiles({ HOME, APPDATA, PROGRAMDATA }: SourceContext['env'], etc: string): readonly string[] {
  const own = HOME ? ['.config/pip/pip.conf', 'Library/Application Support/pip/pip.conf', '.pip/pip.conf'] : [];
  const windows = [APPDATA, PROGRAMDATA].flatMap((folder) => (folder ? [join(folder, 'pip', 'pip.ini')] : []));
  return [
    ...own.map((name) => join(HOME ?? '', name)),
    ...windows,
    join(etc, 'xdg/pip/pip.conf'),
    join(etc, 'pip.conf'),
  ];
}

async function readSettings(file: string, indexOf: (text: string) => Settings): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return present(undefined);
    return unreached(`cannot read ${quote(file, 120)}, which may name another index`);
  }
  const found = indexOf(text);
  return found.kind === 'unknown' ? unknown(`${quote(file, 120)} ${found.why}`) : found;
}

/** What changes neither which index is asked nor which version is chosen. */
const UV_HARMLESS = new Set(
  `cache-dir compile-bytecode concurrent-builds concurrent-downloads concurrent-installs link-mode native-tls system-certs no-cache pip preview
   publish-url python-downloads python-install-mirror required-version check-url trusted-publishing`.split(/\s+/),
);

function indexOfUv(text: string): Settings {
  let settings: JsonObject;
  try {
    settings = parse(text) as JsonObject;
  } catch {
    return unknown('is no TOML');
  }
  const other = Object.keys(settings).find(
    (name) => !UV_HARMLESS.has(name) && name !== 'index-url' && name !== 'index',
  );
  if (other !== undefined) return unknown(`sets ${quote(other, 60)}, which can change what is chosen`);
  const list = memberOf(settings, 'index');
  const named = isJsonArray(list) ? list.map(defaultIndex) : [];
  const url = stringMember(settings, 'index-url');
  const all = url === undefined ? named : [...named, url];
  // Attack: a second index with a package of the same name (dependency confusion).
  if (all.length > 1 || all.includes(undefined)) return unknown('names an index besides the default one');
  return present(all[0]);
}

function defaultIndex(entry: JsonValue): string | undefined {
  return isJsonObject(entry) && entry['default'] === true ? stringMember(entry, 'url') : undefined;
}

const PIP_HARMLESS = new Set(
  `break-system-packages cache-dir disable-pip-version-check no-cache-dir no-color no-input progress-bar quiet require-virtualenv retries
   root-user-action timeout verbose`.split(/\s+/),
);

/** pip's file has sections, `name = value` or `name: value`, and values over several lines, which are indented. */
function indexOfPip(text: string): Settings {
  let index: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:[#;].*|\[[\w-]+\]\s*)?$/.test(line)) continue;
    const [, name = '', value = ''] = /^([\w-]+)\s*[=:]\s*(\S*)\s*$/.exec(line) ?? [];
    const option = name.toLowerCase().replaceAll('_', '-');
    if (option === 'index-url' && (index === undefined || index === value)) index = value;
    else if (!PIP_HARMLESS.has(option)) return unknown('has a setting that can change what is chosen');
  }
  return present(index);
}
