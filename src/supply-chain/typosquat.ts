import { readFileSync } from 'node:fs';

import type { JsonValue } from '../model/json.js';
import { ABSENT, type Evidence, present } from '../model/package-facts.js';

/** Shorter names are a letter away from too many others. */
const SHORTEST = 5;

/**
 * Returns which popular package a name could be taken for: one letter added, left out, replaced or swapped with the next, other
 * separators, or the name of a scoped package without its scope. That there is none in our list does not say that there is none.
 */
export function looksLike(name: string): Evidence<JsonValue> {
  const popular = POPULAR.find((known) => known === name);
  if (popular !== undefined) return ABSENT;
  const found = POPULAR.find((known) => isNear(plain(name), plain(known)));
  return found === undefined ? ABSENT : present({ looksLike: found });
}

/** One name a line; see `data/popular-packages.md`. */
const POPULAR: readonly string[] = readFileSync(new URL('../../data/popular-packages.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** `@acme/server-files`, `acme-server-files` and `acme_serverfiles` read alike. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[@/._-]/g, '');
}

function isNear(name: string, known: string): boolean {
  if (name === known) return true;
  if (Math.min(name.length, known.length) < SHORTEST || Math.abs(name.length - known.length) > 1) return false;
  const start = commonStart(name, known);
  const [rest, other] = [name.slice(start), known.slice(start)];
  if (rest.slice(1) === other.slice(1) || rest.slice(1) === other || rest === other.slice(1)) return true;
  return `${rest[1] ?? ''}${rest[0] ?? ''}${rest.slice(2)}` === other;
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
