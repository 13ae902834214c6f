import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ABSENT, contradicts, type Evidence, present, unknown } from '../model/package-facts.js';
import { quote } from '../quote.js';

/** In the order in which a package manager prefers them, where a folder has several of one language. */
const LOCK_FILES: Readonly<Record<Language, readonly string[]>> = {
  javascript: [
    'npm-shrinkwrap.json',
    'package-lock.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ],
  python: ['uv.lock', 'pylock.toml', 'poetry.lock', 'pdm.lock', 'Pipfile.lock'],
};

/** A project begins at the folder with one of these: a lock file further up belongs to another. */
const MANIFESTS: Readonly<Record<Language, readonly string[]>> = {
  javascript: ['package.json', 'deno.json', 'deno.jsonc'],
  python: ['pyproject.toml', 'setup.py', 'Pipfile'],
};

type Language = 'javascript' | 'python';

/**
 * Returns the path of the lock file of the project that a script belongs to: beside it, or in the next folder above that has a lock
 * file or a manifest. Several of them contradict each other, since nobody can tell which one was installed from.
 */
export async function findLockFile(script: string, language: Language): Promise<Evidence<string>> {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    let names: readonly string[];
    try {
      names = await readdir(folder);
    } catch {
      // Not knowing what is in it is not the same as nothing being in it.
      return unknown(`cannot list ${quote(folder, 160)}, which may hold a lock file`);
    }
    const found = LOCK_FILES[language].filter((name) => names.includes(name));
    if (found.length > 1) return contradicts(`${quote(folder, 160)} holds several lock files: ${found.join(', ')}`);
    if (found[0] !== undefined) return present(join(folder, found[0]));
    if (MANIFESTS[language].some((name) => names.includes(name)) || folder === dirname(folder)) return ABSENT;
  }
}
