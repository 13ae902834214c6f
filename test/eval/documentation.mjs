// Honest technical prose: the documentation of the packages that the lock file names, as it is installed. None of it is kept.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Shorter ones say nothing, longer ones are no passage of documentation. In UTF-16 code units. */
const SHORTEST = 30;
const LONGEST = 600;

/** Larger files are made by programs. */
const MAX_FILE = 200_000;

/**
 * Returns the different paragraphs of READMEs and the doc comments of type declarations, `{ package, text }`, in the order of the packages'
 * names. Packages of one platform are left out, so that it is the same on each.
 */
export function documentation() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const seen = new Set();
  return Object.entries(packages)
    .filter(([folder, { optional }]) => folder !== '' && optional !== true && existsSync(join(ROOT, folder)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([folder]) => proseIn(join(ROOT, folder)).map((text) => ({ package: folder, text })))
    .filter(({ text }) => !seen.has(text) && seen.add(text));
}

function proseIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    // Packages within packages have an entry of their own.
    .filter((file) => !file.slice(folder.length).includes('node_modules'))
    .sort();
  return files.flatMap((file) => {
    const parts = /\/readme[^/]*\.md$/i.test(file) ? paragraphs : /\.d\.ts$/.test(file) ? comments : undefined;
    if (parts === undefined) return [];
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_FILE) return [];
    return parts(text)
      .map((one) => one.replace(/\s+/g, ' ').trim())
      .filter((one) => one.length >= SHORTEST && one.length <= LONGEST && /[a-z]{3} [a-z]{2}/.test(one));
  });
}

function paragraphs(markdown) {
  return markdown
    .replace(/```[\s\S]*?```/g, '\n\n')
    .split(/\n\s*\n|\n[-*#|]/)
    .map((one) => one.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
}

function comments(declarations) {
  return Array.from(declarations.matchAll(/\/\*\*([\s\S]*?)\*\//g), ([, text]) => text.replace(/^\s*\* ?/gm, ''));
}
