import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sanitiseText } from '../../src/scan/sanitise-text.js';

/** Sentences with what honest writing has, joiners and selectors included. */
const HONEST: readonly (readonly [language: string, text: string])[] = [
  ['English', 'A “quoted” word — naïve café… 100 %\n\tnext line\r\n'],
  ['German', 'Größe und Übermaß, „gut“, 5 €'],
  ['Russian', 'Сегодня тёплый день, №5.'],
  ['Chinese', '今天天气很好，「你好」。葛\u{E0100}'],
  ['Japanese', '東京タワーは高い。ﾊﾝｶｸ も あります'],
  ['Korean', '오늘은 날씨가 좋습니다.'],
  ['Arabic', 'مرحبا بالعالم PDF\u200F الملف'],
  ['Hebrew', 'שלום README\u200E עולם'],
  ['Persian', 'این متن را می\u200Cخواند و کتاب\u200Cها را می\u200Cبیند.'],
  ['Hindi', 'क्\u200Dष और शक्\u200Cति को पढ़ता है।'],
  ['Thai', 'ค้นหา\u200Bสภาพ\u200Bอากาศ'],
  ['Vietnamese', 'Tiếng Việt có dấu: e\u0302\u0301'],
  ['emoji', '👨\u200D👩\u200D👧 👩🏽\u200D💻 ❤\uFE0F 🏳\uFE0F\u200D🌈 1\uFE0F\u20E3 🇩🇪 ☎\uFE0E'],
  ['flags of regions', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'],
];

describe('honest text stays as it is, byte by byte', () => {
  test.each(HONEST)('%s', (_language, text) => {
    expect(sanitiseText(text)).toEqual({ text, removed: [] });
  });

  test('in whatever order, and how often', () => {
    const texts = fc.array(fc.constantFrom(...HONEST.map(([, text]) => text)), { maxLength: 20 });
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join(' ');
        expect(sanitiseText(text)).toEqual({ text, removed: [] });
      }),
    );
  });
});

describe('what a person does not see is removed', () => {
  test.each([
    ['colours', 'a\u001B[31mred\u001B[0m', 'ared', ['terminal-codes']],
    ['an eight-bit code', 'a\u009B2Jb', 'ab', ['terminal-codes']],
    ['a link of a terminal', '\u001B]8;;https://x.example\u001B\\here\u001B]8;;\u0007', 'here', ['terminal-codes']],
    ['the clipboard', 'a\u001B]52;c;aGk=\u0007b', 'ab', ['terminal-codes']],
    ['a string of a terminal without an end', 'a\u001B]52;c;text', 'a52;c;text', ['terminal-codes']],
    ['a device string', '\u001BPq#0\u001B\\b', 'b', ['terminal-codes']],
    ['a code within a code', '\u001B\u001B[0m[31mred', '[31mred', ['terminal-codes', 'control-characters']],
    ['control characters', 'a\u0000b\u0007c\u007Fd\u0085e', 'abcde', ['control-characters']],
    ['tag characters', 'hi\u{E0068}\u{E0069}', 'hi', ['tag-characters']],
    ['an order in a flag', '🏴\u{E0072}\u{E0075}\u{E006E}\u{E0020}\u{E0061}\u{E007F}', '🏴', ['tag-characters']],
    ['zero-width characters', 'de\u200Blete\u2060', 'delete', ['invisible-characters']],
    ['a joiner between letters', 'a\u200Db', 'ab', ['invisible-characters']],
    ['direction controls', 'a\u202Eb\u202C', 'ab', ['bidi-controls']],
    ['a row of selectors', '☺\uFE0F\u{E0101}\u{E0102}', '☺\uFE0F', ['variation-selectors']],
    ['a selector behind each letter', 'a\uFE01b\uFE02c\u{E0110}', 'abc', ['variation-selectors']],
    [
      'a row of selectors with something between',
      '☺\uFE0F\u200B\uFE0F',
      '☺\uFE0F',
      ['variation-selectors', 'invisible-characters'],
    ],
    ['a joiner that lost what it joined', '👩\u200D\u{E0041}x', '👩x', ['tag-characters', 'invisible-characters']],
  ])('%s', (_name, text, expected, removed) => {
    expect(sanitiseText(text)).toEqual({ text: expected, removed });
  });

  test('what is left has nothing more to remove, and no control character', () => {
    const part = fc.constantFrom(
      ...[
        '\u001B',
        '[',
        '31m',
        ']',
        '\u0007',
        '\u009B',
        '\u009D',
        '\u001B\\',
        'a',
        'É',
        '\n',
        '👩',
        '🏴',
        '\u200D',
        '\u200C',
      ],
      ...['\u200B', '\uFE0F', '\uFE01', '\u{E0067}', '\u{E007F}', '\u{E0110}', '\u202E', '\u200F', 'ש', 'م', 'क', '漢'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const { text } = sanitiseText(parts.join(''));
        expect(sanitiseText(text)).toEqual({ text, removed: [] });
        expect(text).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202E]/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
