import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { setImmediate as others } from 'node:timers/promises';

/** What a folder holds: for each path what it is, and what the file system says of it. */
export type FolderRecord = Readonly<Record<string, readonly [content: string, stamp: string]>>;

/** Returns what a folder holds. */
export async function recordFolder(folder: string): Promise<FolderRecord> {
  const record: Record<string, FolderRecord[string]> = {};
  for (const [path, status] of await statusesIn(folder))
    record[path] = [await contentOf(join(folder, path), status), stampOf(status)];
  return record;
}

/**
 * Whether a folder still holds all that it did and nothing that could be run besides: files are read again where the file system says that they
 * were touched. Servers keep data beside their program; data is no change.
 */
export async function isAsRecorded(folder: string, record: FolderRecord): Promise<boolean> {
  const statuses = await statusesIn(folder);
  if (Object.keys(record).some((path) => !statuses.has(path))) return false;
  for (const [path, status] of statuses) {
    const known = record[path];
    if (known?.[1] !== stampOf(status) && !(await isSame(join(folder, path), status, known))) return false;
  }
  return true;
}

async function isSame(path: string, status: Stats, known: FolderRecord[string] | undefined): Promise<boolean> {
  return known === undefined ? isData(path, status) : known[0] === (await contentOf(path, status));
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

/** Of what is neither file, folder nor link nothing is read: a pipe would have us wait for ever. */
async function contentOf(path: string, status: Stats): Promise<string> {
  if (status.isDirectory()) return 'folder';
  if (status.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!status.isFile()) return 'neither file nor folder';
  const digest = createHash('sha256').update(await readFile(path));
  return `${(status.mode & 0o100) === 0 ? 'file' : 'program'} ${digest.digest('hex')}`;
}

/** The time of the last change of an inode is not to be set by who does not own the clock. */
function stampOf({ size, mode, mtimeMs, ctimeMs, ino }: Stats): string {
  return [size, mode, mtimeMs, ctimeMs, ino].join(' ');
}

/** Asked for one after the other: for thousands of small files that takes a tenth of the time, and others get their turn in between. */
async function statusesIn(root: string): Promise<ReadonlyMap<string, Stats>> {
  const found = new Map<string, Stats>();
  const folders = [''];
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    for (const name of readdirSync(join(root, below))) {
      const path = join(below, name);
      const status = lstatSync(join(root, path));
      found.set(path, status);
      if (status.isDirectory()) folders.push(path);
      if (found.size % BETWEEN_TURNS === 0) await others();
    }
  }
  return found;
}

/** A few milliseconds of work. */
const BETWEEN_TURNS = 250;
