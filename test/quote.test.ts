import { describe, expect, test } from 'vitest';

import { makeVisible, makeVisibleLines, quote } from '../src/quote.js';

describe('server text is shown so that a reader sees what is there', () => {
  test.each([
    ['a line break', 'a\nb\r\n', 'a\\nb\\r\\n'],
    ['a terminal escape', '\u001b[2Jx', '\\u{1b}[2Jx'],
    ['a right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['a zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['variation selectors beyond the usual', 'a\u{e0100}', 'a\\u{e0100}'],
    ['an unpaired surrogate', 'a\ud800', 'a\\u{d800}'],
    ['a no-break space', 'a\u00a0b', 'a\\u{a0}b'],
    ['a letter that shows as nothing', 'a\u3164', 'a\\u{3164}'],
    ['a forged escape', 'a\\u{200b}', 'a\\\\u{200b}'],
    ['letters, marks and emoji', 'é سلام 天气 🙂', 'é سلام 天气 🙂'],
  ])('%s', (_, text, expected) => {
    expect(makeVisible(text)).toBe(expected);
  });

  test('line by line, with line feeds, tabs and backslashes as they are', () => {
    expect(makeVisibleLines('a\n\tb\\c\u200b\r')).toBe('a\n\tb\\c\\u{200b}\\r');
  });

  test('in quotes, on one line, cut with its length said', () => {
    expect(quote('say "hi"\n')).toBe('"say \\"hi\\"\\n"');
    expect(quote('x'.repeat(300))).toBe(`"${'x'.repeat(200)}…" (300 characters)`);
    expect(quote(`${'x'.repeat(199)}🙂🙂`)).toBe(`"${'x'.repeat(199)}…" (203 characters)`);
  });
});
