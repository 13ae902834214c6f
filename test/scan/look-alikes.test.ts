import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { asText, confusables } from '../../data/confusables/refresh.mjs';
import { CONFUSABLES } from '../../src/scan/confusables.js';
import { isTakenForLatin, LOOK_ALIKES } from '../../src/scan/look-alikes.js';

const FILE = join(import.meta.dirname, '..', '..', 'data', 'confusables', 'confusables.txt');

test('the table of look-alikes is what Unicode lists, in the file and in the program', () => {
  expect(readFileSync(FILE, 'utf8')).toBe(asText(confusables()));
  expect(CONFUSABLES).toEqual(confusables());
  expect(LOOK_ALIKES.size).toBe(327);
});

test.each([
  ['Cyrillic', 'о', 'o'],
  ['Cyrillic that is like I, not l', 'І', 'I'],
  ['Lisu', 'ꓲ', 'I'],
  ['Cherokee', 'Ꭺ', 'A'],
  ['Coptic', 'ⲟ', 'o'],
  ['Old Italic', '\u{10302}', 'C'],
  ['Armenian', 'ո', 'n'],
])('%s %s is taken for %s', (_alphabet, letter, latin) => {
  expect(LOOK_ALIKES.get(letter)).toBe(latin);
  expect(isTakenForLatin(letter)).toBe(true);
});

test.each([
  ['a Greek letter of formulas', 'α'],
  ['a dotless i in Turkish', 'ı'],
  ['a letter like no Latin one', 'ж'],
  ['an ideograph', '口'],
])('%s, %s, is not', (_what, letter) => {
  expect(isTakenForLatin(letter)).toBe(false);
});
