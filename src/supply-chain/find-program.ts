import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** Returns where the operating system finds a program, `undefined` where it finds none. */
export async function findProgram(
  name: string,
  { cwd, path }: { readonly cwd: string; readonly path: string },
): Promise<string | undefined> {
  if (/[/\\]/.test(name)) return (await isExecutable(resolve(cwd, name))) ? resolve(cwd, name) : undefined;
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const file = join(resolve(cwd, folder), name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not here, or not for us: the next place is looked at, and in the end it was not found.
    return false;
  }
}
