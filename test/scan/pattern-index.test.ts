import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';

import { foldPattern, normalizeText } from '../../src/scan/normalize-text.js';
import { indexPatterns } from '../../src/scan/pattern-index.js';
import { shownOf } from '../../src/scan/try-examples.js';
import { RULES, SIGNALS } from './make-definition.js';

const PATTERNS = [
  ...SIGNALS.flatMap(({ patterns }) => patterns),
  ...RULES.flatMap(({ condition }) => (condition.kind === 'patterns' ? condition.groups.flat() : [])).filter(
    (pattern) => !pattern.startsWith('@'),
  ),
];

/** Every sentence of every example, and each with the next: what the patterns are made for, and what they have to leave alone. */
const TEXTS = (() => {
  const sentences = RULES.flatMap(({ examples }) =>
    [...examples.match, ...examples.clean].map((example) => normalizeText(JSON.stringify(shownOf(example))).text),
  );
  const pairs = sentences.map((one, index) => `${one} ${sentences[index + 1] ?? ''}`);
  // Long texts, of which only the parts around a literal are read.
  const filler = 'Returns the records of a table in pages, newest first. 😀 '.repeat(60);
  return [
    ...sentences,
    ...pairs,
    ...sentences.filter((_, index) => index % 16 === 0).map((one) => `${filler}${one} ${filler}`),
  ];
})();

describe('a pattern that is looked up finds what it would find if it were run', () => {
  const search = indexPatterns(PATTERNS);
  const found = TEXTS.map((text) => search(text));

  test.each(PATTERNS.map((pattern, number) => ({ pattern, number })))('$pattern', ({ pattern, number }) => {
    const expression = RE2JS.compile(foldPattern(pattern), RE2JS.CASE_INSENSITIVE);
    const different = TEXTS.filter((text, index) => {
      const isFound = found[index]!.isLikely(number) && found[index]!.spansOf(number).length > 0;
      return isFound !== expression.matcher(text).find();
    });
    expect(different).toEqual([]);
  });
});

describe('how a pattern is taken apart', () => {
  test.each<[string, string, readonly string[]]>([
    ['words', '\\b(?:keys?|tokens?)\\b', ['key', 'tokens']],
    ['not parts of words', '\\bkey\\b', ['key']],
    ['a gap', '\\b(?:before|after) (?:\\w+ ){0,2}?(?:keys?|tokens)\\b', ['before the first key', 'after tokens']],
    ['an edge on one side', '\\b(?:note|system)(?: message)? ?:', ['note:', 'system message :']],
    ['alternatives with edges of their own', 'a{4}|\\bkey\\b|/etc/cron', ['key', '/etc/cron']],
    ['a class', '(?:~|/root)[/\\\\]\\.ssh', ['~/.ssh', '/root\\.ssh']],
    ['signs that mean something', '\\$\\(cat\\b', ['$(cat']],
    ['another script', '(?:密码|密钥)', ['密码']],
    ['accents', '\\b(?:señal)\\b', ['senal']],
  ])('%s', (_, pattern, expected) => {
    const text =
      'Before the first key: monkeys, /etc/cron and tokens; SYSTEM MESSAGE : after tokens; note: $(cat ~/.ssh /root\\.ssh 密码 senal';
    const spans = indexPatterns([pattern])(text).spansOf(0);
    const found = spans.map(({ start, end }) => text.slice(start, end).toLowerCase());
    expect(found).toEqual(expect.arrayContaining([...expected]));
    expect(found).not.toContain('monkeys');
  });

  test('where the case counts, another case is no match', () => {
    const { spansOf } = indexPatterns(['\\b(?:(?-i:abx_))'])('ABX_ Abx_ abx_');
    expect(spansOf(0)).toEqual([{ start: 10, end: 14 }]);
  });

  test.each<[string, string, string]>([
    [
      'what may come again without end before',
      '(?:\\w+ ){3,}[\\w-]+ stop(?: now)?',
      `${'go '.repeat(2_000)}on stop now`,
    ],
    ['what may come again without end behind', 'start(?: [\\w-]+){3,} end', `start${' go'.repeat(30)} end`],
    ['the end of the text', '(?:one|two) [a-z]+$', `one ${'x'.repeat(20)} two last`],
    ['a long gap', 'begin.{0,900}finish', `begin${' '.repeat(890)}finish`],
    ['so many signs that they must come', '(?:[a-z]-){150,}token', `${'x-'.repeat(155)}token`],
    ['letters whose case counts', '\\b(?:(?-i:ab[xy]_)[A-Za-z0-9]{36,})', `abx_${'A1'.repeat(60)}`],
    ['letters of any script', '(?:забудь) (?:\\p{L}+ ){0,2}(?:ключ)', 'забудь про свой ключ'],
    ['a word cut by nothing', '\\b[a-z]{1,60}ing (?:the|a) [a-z]+ly\\b', 'x running the slowly x'],
  ])('in the middle of a long text: %s', (_, pattern, match) => {
    const filler = 'Returns the records of a table in pages. '.repeat(200);
    const texts = [match, `${filler}${match}`, pattern.endsWith('$') ? match : `${filler}${match}. ${filler}`];
    for (const text of texts) {
      const [span] = indexPatterns([pattern])(text).spansOf(0);
      const expected = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE).matcher(text);
      expect(expected.find()).toBe(true);
      expect(text.slice(span?.start, span?.end)).toBe(text.slice(expected.start(), expected.end()));
    }
  });

  test('a pattern that matches without end says so', () => {
    const found = indexPatterns(['\\bx\\b'])('x '.repeat(1_001));
    expect(() => found.spansOf(0)).toThrow('more than 1000 times');
  });
});
