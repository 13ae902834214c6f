import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import Arborist from '@npmcli/arborist';

import { SealwatchError } from '../errors.js';
import { parseJson } from '../integrity/parse-json.js';
import { isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import type { NpmOptions } from './npm-options.js';

/** What is installed where: version and integrity by the path below `node_modules`. With the same tree the same code runs. */
export type PackageTree = Readonly<Record<string, string>>;

/** What is asked for. */
export interface Wanted {
  readonly name: string;
  /** An exact one. */
  readonly version: string;
}

/**
 * Installs a version and all that it needs into a folder, without running any script, and returns what was installed: what a lock file
 * of npm in the folder names, where there is one. There is one afterwards.
 *
 * @throws {SealwatchError} `PACKAGE_UNREADABLE` where something of it comes from no registry; what npm's modules throw otherwise.
 */
export async function installPackage(
  { name, version }: Wanted,
  folder: string,
  options: NpmOptions,
): Promise<PackageTree> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }));
  await new Arborist({ ...options.flat, ...FIXED, path: folder }).reify({ ...FIXED });
  await makeReadable(folder);
  const lock = parseJson(await readFile(join(folder, 'package-lock.json'), 'utf8'), { maxDepth: 100 }).value;
  return treeIn(lock);
}

/** Whatever npm is configured for: nothing runs, nothing comes from elsewhere than registries, and the whole tree is there. */
const FIXED = {
  allowDirectory: 'none',
  allowFile: 'none',
  allowGit: 'none',
  allowRemote: 'none',
  audit: false,
  binLinks: true,
  dryRun: false,
  force: false,
  fund: false,
  global: false,
  ignoreScripts: true,
  installStrategy: 'hoisted',
  lockfileVersion: 3,
  omit: [],
  packageLock: true,
  packageLockOnly: false,
  save: true,
  workspaces: [],
};

function treeIn(lock: JsonValue): PackageTree {
  const packages = memberOf(lock, 'packages');
  const entries = isJsonObject(packages) ? Object.entries(packages).filter(([path]) => path !== '') : [];
  return Object.fromEntries(entries.map(([path, entry]) => [path.replace(/^node_modules\//, ''), lineOf(path, entry)]));
}

function lineOf(path: string, entry: JsonValue): string {
  const alias = stringMember(entry, 'name');
  const version = `${alias === undefined ? '' : `${alias}@`}${stringMember(entry, 'version') ?? ''}`;
  // Its bytes are those of the package that it is bundled with.
  if (memberOf(entry, 'inBundle') === true) return `${version} bundled`;
  const integrity = stringMember(entry, 'integrity');
  // Attack: several hashes, of which npm takes whichever fits, or one that can be made to fit.
  if (integrity === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity) || memberOf(entry, 'link') === true)
    throw new SealwatchError('PACKAGE_UNREADABLE', `${quote(path, 120)} is of no registry that names its SHA-512`);
  return `${version} ${integrity}`;
}

/** A trial start runs as another user. */
async function makeReadable(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) await makeReadable(child);
    else if (entry.isFile()) await allow(child);
  }
  await allow(path);
}

async function allow(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode | 0o444 | ((mode & 0o100) === 0 ? 0 : 0o111));
}
