import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Stats } from 'node:fs';

/** What a folder holds: for each path what it is, and what the file system says of it. */
export type FolderRecord = Readonly<Record<string, readonly [content: string, stamp: string]>>;

/** Returns what a folder holds. */
export async function recordFolder(folder: string): Promise<FolderRecord> {
  const paths = await pathsIn(folder, '');
  return Object.fromEntries(
    await inParallel(paths, async (path) => [path, await entryOf(join(folder, path))] as const),
  );
}

/**
 * Whether a folder still holds all that it did and nothing that could be run besides: files are read again where the file system says that they
 * were touched. Servers keep data beside their program; data is no change.
 */
export async function isAsRecorded(folder: string, record: FolderRecord): Promise<boolean> {
  const paths = await pathsIn(folder, '');
  const present = new Set(paths);
  if (Object.keys(record).some((path) => !present.has(path))) return false;
  const answers = await inParallel(paths, async (path) => await isSame(join(folder, path), record[path]));
  return answers.every(Boolean);
}

async function isSame(path: string, known: FolderRecord[string] | undefined): Promise<boolean> {
  const status = await lstat(path);
  if (known === undefined) return isData(path, status);
  // The time of the last change of an inode is not to be set by who does not own the clock.
  return known[1] === stampOf(status) || known[0] === (await contentOf(path, status));
}

/** Names that Node, the loader of the system and shells load nothing from unless they are told the whole name. */
function isData(path: string, status: Stats): boolean {
  return status.isFile() && (status.mode & 0o111) === 0 && DATA.has(extname(path));
}

const DATA = new Set([
  '.jsonl',
  '.log',
  '.txt',
  '.csv',
  '.db',
  '.sqlite',
  '.sqlite3',
  '.db-wal',
  '.db-shm',
  '.lock',
  '.tmp',
]);

async function entryOf(path: string): Promise<FolderRecord[string]> {
  const status = await lstat(path);
  return [await contentOf(path, status), stampOf(status)];
}

/** Of what is neither file, folder nor link nothing is read: a pipe would have us wait for ever. */
async function contentOf(path: string, status: Stats): Promise<string> {
  if (status.isDirectory()) return 'folder';
  if (status.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!status.isFile()) return 'neither file nor folder';
  const digest = createHash('sha256').update(await readFile(path));
  return `${(status.mode & 0o100) === 0 ? 'file' : 'program'} ${digest.digest('hex')}`;
}

function stampOf({ size, mode, mtimeMs, ctimeMs, ino }: Stats): string {
  return [size, mode, mtimeMs, ctimeMs, ino].join(' ');
}

async function pathsIn(root: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const paths = await Promise.all(
    entries.map(async (entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? [path, ...(await pathsIn(root, path))] : [path];
    }),
  );
  return paths.flat();
}

/** More files at once would be refused by the system. */
const AT_ONCE = 64;

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  return results;
}
