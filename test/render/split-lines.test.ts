import { describe, expect, test } from 'vitest';

import type { Line } from '../../src/render/line.js';
import { toRows } from '../../src/render/split-lines.js';

/** `- a` is removed, `+ a` added, `! a` a finding, `= a` context, anything else text. */
const KINDS: Readonly<Record<string, Line['kind']>> = { '-': 'removed', '+': 'added', '!': 'finding', '=': 'context' };

function rows(...shorthand: readonly string[]): readonly string[] {
  const lines = shorthand.map((text): Line => ({ kind: KINDS[text[0]!] ?? 'text', text: text.slice(2) }));
  return toRows(lines).map((row) => {
    switch (row.kind) {
      case 'whole':
        return `whole ${row.line.text}`;
      case 'same':
        return `same ${row.line.text}`;
      case 'pair':
        return `${row.left?.text ?? '·'} | ${row.right?.text ?? '·'}`;
    }
  });
}

describe('a change side by side', () => {
  test.each([
    ['a line for a line', ['- a', '+ b'], ['a | b']],
    ['more removed than added', ['- a', '- b', '+ c'], ['a | c', 'b | ·']],
    ['more added than removed', ['- a', '+ b', '+ c'], ['a | b', '· | c']],
    ['only removed', ['- a', '= b'], ['a | ·', 'same b']],
    ['only added', ['+ a', '+ b'], ['· | a', '· | b']],
    ['two differences without anything between', ['- a', '+ b', '- c', '+ d'], ['a | b', 'c | d']],
    [
      'a surplus is not carried over to the next difference',
      ['- a', '- b', '+ c', '- d', '+ e'],
      ['a | c', 'b | ·', 'd | e'],
    ],
    ['a finding among added lines', ['- a', '- b', '+ c', '! x', '+ d'], ['a | c', 'whole x', 'b | d']],
    ['a finding after added lines', ['- a', '- b', '+ c', '! x', '= d'], ['a | c', 'b | ·', 'whole x', 'same d']],
    ['a finding between the two sides', ['- a', '! x', '+ b'], ['whole x', 'a | b']],
    ['text and context', ['t say', '= a', '- b', 't done'], ['whole say', 'same a', 'b | ·', 'whole done']],
    ['nothing', [], []],
  ])('%s', (_, lines, expected) => {
    expect(rows(...lines)).toEqual(expected);
  });

  test('leaves no line out and shows none twice, whatever the order', () => {
    const signs = ['-', '+', '!', '=', 't'];
    let seed = 7;
    for (let round = 0; round < 300; round++) {
      const lines = Array.from({ length: 12 }, (_, index) => {
        seed = (seed * 48_271) % 2_147_483_647;
        return `${signs[seed % signs.length]!} ${index}`;
      });
      const shown = rows(...lines).flatMap((row) => row.match(/\d+/g) ?? []);
      expect(shown.map(Number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }
  });
});
