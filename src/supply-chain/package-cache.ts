import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { SealwatchError } from '../errors.js';
import { canonicalize } from '../integrity/canonicalize.js';
import { isJsonObject, type JsonValue, memberOf, stringMember } from '../model/json.js';
import { quote } from '../quote.js';
import { type FolderRecord, isAsRecorded, recordFolder } from './folder-record.js';
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
  const repairs = new Map<string, Promise<string>>();
  return {
    resolve: async (exact, options) => {
      const known = await readResolution(root, exact);
      const tree = known ?? (await installing(exact, async () => await install(root, exact, options)));
      return { versions: versionsIn(tree), digest: nameOf(tree) };
    },
    list: async (digest) => {
      const note = await readNote(join(root, `${digest}.json`));
      return note && (await readInstalled(join(root, digest), note.tree));
    },
    folderOf: async (exact, digest, options) => {
      expectAlone(root);
      const folder = join(root, digest);
      if (await isThere(folder, digest)) return folder;
      const repair =
        repairs.get(digest) ?? installing(exact, async () => await installAgain(root, exact, digest, options));
      repairs.set(digest, repair);
      try {
        return await repair;
      } catch (error) {
        // Another process may have done the same at the same time.
        if (await isThere(folder, digest)) return folder;
        throw error;
      } finally {
        repairs.delete(digest);
      }
    },
  };
}

/**
 * Attack: what a program looks for and does not find among its own packages, Node looks for in the folders above: code that nobody approved.
 *
 * @throws {SealwatchError} `PACKAGE_NOT_INSTALLED`
 */
function expectAlone(root: string): void {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules')))
      throw new SealwatchError(
        'PACKAGE_NOT_INSTALLED',
        `packages cannot be kept in ${quote(root, 200)}, since ${quote(join(folder, 'node_modules'), 200)} is above it: write "packageDir" with another folder into the configuration`,
      );
    if (dirname(folder) === folder) return;
  }
}

/** What is kept beside a folder: what npm was asked to install there, its lock file, and all that it wrote. */
interface Note {
  readonly tree: PackageTree;
  readonly lock: string;
  readonly files: FolderRecord;
}

/** From the lock file of then, where it is still known: npm would choose otherwise by now. */
async function installAgain(root: string, exact: Exact, digest: string, options: NpmOptions): Promise<string> {
  const folder = join(root, digest);
  const found = await install(root, exact, options, (await readNote(`${folder}.json`))?.lock);
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
    await keep(root, exact, fresh, tree);
    return tree;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function keep(root: string, exact: Exact, fresh: string, tree: PackageTree): Promise<void> {
  const digest = nameOf(tree);
  const folder = join(root, digest);
  if (!(await isThere(folder, digest))) {
    // What was installed is recorded, and not whatever lies there afterwards.
    const note: Note = { tree, lock: await readFile(join(fresh, LOCK_FILE), 'utf8'), files: await recordFolder(fresh) };
    await moveAside(folder);
    try {
      await rename(fresh, folder);
    } catch (error) {
      // Another process was faster: its folder is compared like every other.
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeIn(error))) throw error;
    }
    await writeWhole(`${folder}.json`, JSON.stringify(note));
  }
  await writeWhole(join(root, resolutionOf(exact)), JSON.stringify({ digest }));
}

/** What a server wrote beside its program is not thrown away. */
async function moveAside(folder: string): Promise<void> {
  const aside = `${folder}.changed`;
  try {
    await rm(aside, { recursive: true, force: true });
    await rename(folder, aside);
  } catch (error) {
    // There was none, or another process is doing the same.
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeIn(error))) throw error;
  }
}

/** Who reads it meanwhile reads the former one. */
async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomUUID()}`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, file);
}

async function isThere(folder: string, digest: string): Promise<boolean> {
  const note = await readNote(`${folder}.json`);
  return note !== undefined && nameOf(note.tree) === digest && (await isWhole(folder, note.files));
}

async function isWhole(folder: string, files: FolderRecord): Promise<boolean> {
  try {
    return await isAsRecorded(folder, files);
  } catch {
    // Not there, or not to be read: it is installed anew.
    return false;
  }
}

/** Which tree a version was resolved to first; `undefined` where that is not known any more. */
async function readResolution(root: string, exact: Exact): Promise<PackageTree | undefined> {
  const digest = stringMember(await readJson(join(root, resolutionOf(exact))), 'digest');
  const note = digest === undefined ? undefined : await readNote(join(root, `${digest}.json`));
  return note?.tree[exact.name] === `${exact.version} ${exact.integrity}` ? note.tree : undefined;
}

/** A note that cannot be read is none: what it was about is looked at anew. */
async function readNote(file: string): Promise<Note | undefined> {
  const note = await readJson(file);
  const [tree, files, lock] = [memberOf(note, 'tree'), memberOf(note, 'files'), stringMember(note, 'lock')];
  if (!isTree(tree) || !isJsonObject(files) || lock === undefined) return undefined;
  return { tree, lock, files: files as unknown as FolderRecord };
}

async function readJson(file: string): Promise<JsonValue | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JsonValue;
  } catch {
    // Not there, or cut off.
    return undefined;
  }
}

function isTree(value: JsonValue | undefined): value is PackageTree {
  return isJsonObject(value) && Object.values(value).every((line) => typeof line === 'string');
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

function resolutionOf({ name, version, integrity }: Exact): string {
  const key = JSON.stringify([name, version, integrity]);
  return `${createHash('sha256').update(key).digest('hex')}.resolved.json`;
}

const LOCK_FILE = 'package-lock.json';
