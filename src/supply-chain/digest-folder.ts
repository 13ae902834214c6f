import { createHash, type Hash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the SHA-256, hex, of everything in a folder: names, contents, where links point to and what may be run; not times and owners. */
export async function digestFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  await addFolder(folder, '', hash);
  return hash.digest('hex');
}

async function addFolder(root: string, below: string, hash: Hash): Promise<void> {
  const names = await readdir(join(root, below));
  for (const name of names.sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const status = await lstat(join(root, path));
    if (status.isDirectory()) {
      hash.update(`${JSON.stringify(['folder', path])}\n`);
      await addFolder(root, path, hash);
    } else if (status.isSymbolicLink()) {
      hash.update(`${JSON.stringify(['link', path, await readlink(join(root, path))])}\n`);
    } else {
      const content = createHash('sha256').update(await readFile(join(root, path)));
      hash.update(`${JSON.stringify(['file', path, (status.mode & 0o100) !== 0, content.digest('hex')])}\n`);
    }
  }
}
