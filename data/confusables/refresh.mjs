// Writes confusables.txt and src/scan/confusables.ts from Unicode's table. Usage: node data/confusables/refresh.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Returns the lines of the table, `[letters, latin]`, in the order of the Latin letters. */
export function confusables() {
  const table = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('unhomoglyph/data.json'), 'utf8'));
  const byLatin = new Map();
  for (const [letter, prototype] of Object.entries(table)) {
    if (!/^\p{L}$/u.test(letter) || letter.codePointAt(0) < 128 || letter.normalize('NFKC') !== letter) continue;
    if (!/^[A-Za-z]$/.test(prototype)) continue;
    const latin = prototype === 'l' && !/^\p{Ll}$/u.test(letter) ? 'I' : prototype;
    byLatin.set(latin, [...(byLatin.get(latin) ?? []), letter]);
  }
  return [...byLatin]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([latin, letters]) => [letters.sort((a, b) => a.codePointAt(0) - b.codePointAt(0)).join(''), latin]);
}

/** Returns the text of confusables.txt. */
export function asText(lines) {
  return lines.map(([letters, latin]) => `${latin}\t${letters}\n`).join('');
}

function asModule(lines) {
  const rows = lines.map(([letters, latin]) => `  ['${letters}', '${latin}'],\n`).join('');
  return `/**
 * Letters of other alphabets, and the Latin one that they look like: Unicode's table of confusables (UTS 39, section 4), where it names one
 * letter for one. Made by \`data/confusables/refresh.mjs\`; source and licence are in \`data/confusables/README.md\`.
 */
export const CONFUSABLES: readonly (readonly [letters: string, latin: string])[] = [
${rows}];
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const lines = confusables();
  writeFileSync(join(import.meta.dirname, 'confusables.txt'), asText(lines));
  writeFileSync(join(import.meta.dirname, '..', '..', 'src', 'scan', 'confusables.ts'), asModule(lines));
}
