import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { parseJson } from '../integrity/parse-json.js';
import { isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import { digestFolder } from './digest-folder.js';
import { type InstalledPackage, readInstalled } from './installed-packages.js';
import { installPackage, type PackageTree, type Wanted } from './npm-install.js';
import type { NpmOptions } from './npm-options.js';
import { codeIn } from './npm-registry.js';

/** A version whose bytes are known. */
export type Exact = Wanted & {
  /** SRI, `sha512-…`. */
  readonly integrity: string;
};

/** What a version is installed with. */
export interface Resolved {
  /** Versions by their paths below `node_modules`. */
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256, hex, over all of it with the integrity of each: with the same one the same code runs. */
  readonly digest: string;
}

/** Packages with all that they need, installed without scripts. */
export interface PackageCache {
  /**
   * Returns with what a version is installed: as it was found out first, or anew.
   *
   * @throws {SealwatchError} `PACKAGE_NOT_INSTALLED`, `PACKAGE_UNREADABLE`
   */
  resolve(exact: Exact, options: NpmOptions): Promise<Resolved>;
  /**
   * Returns the folder where exactly this is installed; what was changed there since is installed anew.
   *
   * @throws {SealwatchError} `PACKAGE_NOT_INSTALLED` where it cannot be had any more.
   */
  folderOf(exact: Exact, digest: string, options: NpmOptions): Promise<string>;
  /** Returns what is installed under a digest; `undefined` where nothing is. Nothing is fetched. */
  list(digest: string): Promise<readonly InstalledPackage[] | undefined>;
}

/** Returns what keeps packages below a folder: each in a folder of its own, which is named by what is in it. */
export function createPackageCache(root: string): PackageCache {
  return {
    resolve: async (exact, options) => {
      const known = await readNote(join(root, noteOf(exact)));
      const tree = known?.tree ?? (await installing(exact, async () => await install(root, exact, options)));
      return { versions: versionsIn(tree), digest: nameOf(tree) };
    },
    list: async (digest) => {
      const note = await readNote(join(root, `${digest}.json`));
      return note && (await readInstalled(join(root, digest), note.tree));
    },
    folderOf: async (exact, digest, options) => {
      const folder = join(root, digest);
      const note = await readNote(`${folder}.json`);
      if (note !== undefined && (await isWhole(folder, note.files))) return folder;
      return await installing(exact, async () => await installAgain(root, exact, digest, options));
    },
  };
}

/** What is kept beside a folder: what npm was asked to install there, and the digest of all that it wrote. */
interface Note {
  readonly tree: PackageTree;
  readonly files: string;
}

/** From the lock file that lies there, where one does: npm would choose otherwise by now. */
async function installAgain(root: string, exact: Exact, digest: string, options: NpmOptions): Promise<string> {
  const folder = join(root, digest);
  const found = await install(root, exact, options, await readText(join(folder, LOCK_FILE)));
  if (nameOf(found) === digest) return folder;
  throw new SealwatchError(
    'PACKAGE_NOT_INSTALLED',
    'what it needs is resolved otherwise by now, and the folder where it was installed is not what it was',
  );
}

async function install(root: string, exact: Exact, options: NpmOptions, lock?: string): Promise<PackageTree> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const fresh = await mkdtemp(join(root, 'new-'));
  try {
    if (lock !== undefined) await writeFile(join(fresh, LOCK_FILE), lock);
    const tree = await installPackage(exact, fresh, options);
    // Attack: a registry that serves npm other bytes than those that were looked at.
    if (tree[exact.name] !== `${exact.version} ${exact.integrity}`)
      throw new SealwatchError('PACKAGE_NOT_INSTALLED', 'the registry gave other bytes than those that were looked at');
    await keep(root, exact, fresh, { tree, files: await digestFolder(fresh) });
    return tree;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function keep(root: string, exact: Exact, fresh: string, note: Note): Promise<void> {
  const folder = join(root, nameOf(note.tree));
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  for (const file of [`${folder}.json`, join(root, noteOf(exact))])
    await writeFile(file, JSON.stringify(note), { mode: 0o600 });
}

async function isWhole(folder: string, files: string): Promise<boolean> {
  try {
    return (await digestFolder(folder)) === files;
  } catch {
    // Not there, or not to be read: it is installed anew.
    return false;
  }
}

async function readNote(file: string): Promise<Note | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  const note = parseJson(text, { maxDepth: 10 }).value;
  const [tree, files] = [memberOf(note, 'tree'), stringMember(note, 'files')];
  return isTree(tree) && files !== undefined ? { tree, files } : undefined;
}

function isTree(value: JsonValue | undefined): value is PackageTree {
  return isJsonObject(value) && Object.values(value).every((line) => typeof line === 'string');
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    // Nothing is known of it.
    return undefined;
  }
}

/** What npm says in words is of the registry, and is not repeated. */
async function installing<Result>({ name, version }: Exact, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof SealwatchError ? cause.message : `npm's installer failed (${codeIn(cause)})`;
    const message = `${quote(`${name}@${version}`, 200)} could not be installed: ${why}`;
    throw new SealwatchError('PACKAGE_NOT_INSTALLED', message, { cause });
  }
}

function versionsIn(tree: PackageTree): Resolved['versions'] {
  return Object.fromEntries(Object.entries(tree).map(([path, line]) => [path, line.split(' ', 1)[0] ?? '']));
}

function nameOf(tree: PackageTree): string {
  return createHash('sha256').update(canonicalize(tree)).digest('hex');
}

function noteOf({ name, version, integrity }: Exact): string {
  return `${createHash('sha256')
    .update(JSON.stringify([name, version, integrity]))
    .digest('hex')}.resolved.json`;
}

const LOCK_FILE = 'package-lock.json';
