import fc from 'fast-check';
import { expect, test } from 'vitest';

import { normalizeText } from '../../src/scan/normalize-text.js';

test.each([
  ['white space', '  a \t\n b\u00A0\u3000c ', 'a b c'],
  ['full width', 'ｓｅｎｄ', 'send'],
  ['mathematical letters', '\u{1D42C}\u{1D41E}\u{1D427}\u{1D41D}', 'send'],
  ['accents', 'sénd\u0301', 'send'],
  ['Cyrillic look-alikes', 's\u0435nd', 'send'],
  ['look-alikes of other alphabets', '\u{A4F2}gn\u{2C9F}\u{1D26}\u{ABA9}\u{AB93}e', 'Ignorvze'],
  ['look-alikes within a word of their own alphabet stay', 'שלום עולם, مرحبا, դու', 'שלום עולם, مرحبا, դու'],
  ['zero-width characters', 's\u200Be\u2060n\u00ADd', 'send'],
  ['invisible characters between spaces', 'a \u200B \u200B b', 'a b'],
  ['tag characters', '\u{E0073}\u{E0065}\u{E006E}\u{E0064}', 'send'],
  ['variation selectors', 's\uFE0Fend', 'send'],
  ['controls', 's\u0000end', 'send'],
  ['ligatures', '\uFB01le', 'file'],
  ['letters of other scripts stay', 'が 한 ё', 'が 한 ё'],
  ['nothing', '', ''],
  ['only white space', ' \n ', ''],
])('%s', (_name, original, normalized) => {
  expect(normalizeText(original).text).toBe(normalized);
});

test.each([
  ['a  bold move', 'bold', 'bold'],
  ['x \u200B s\u200Bend\u200B y', 'send', 's\u200Bend'],
  ['\n\n ｓend it', 'send', 'ｓend'],
  ['the \uFB01le', 'file', '\uFB01le'],
  ['the \uFB01le', 'ile', '\uFB01le'],
])('a place in the normalised form of %j leads back', (original, word, source) => {
  const { text, originalSpan } = normalizeText(original);
  const at = text.indexOf(word);
  const { start, end } = originalSpan(at, at + word.length);
  expect(original.slice(start, end)).toBe(source);
});

const texts = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ' ',
      '  ',
      '\n',
      '\u200B',
      '\u{E0061}',
      '\uFB01',
      'é',
      '\u0435',
      '\u{1F600}',
      'が',
      '\uD800',
      'a',
      'b',
      '.',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
});

test('no white space is left but single spaces between, and every place leads back into the text, in order', () => {
  fc.assert(
    fc.property(texts, (original) => {
      const { text, originalSpan } = normalizeText(original);
      expect(text).not.toMatch(/^ | {2}| $|[\t\n\r\u00A0]/);
      let last = 0;
      for (let index = 0; index < text.length; index += 1) {
        const { start, end } = originalSpan(index, index + 1);
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(original.length);
        last = start;
      }
    }),
    { numRuns: 2_000 },
  );
});
