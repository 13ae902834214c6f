import { expect, test } from 'vitest';

import { csvRecord } from '../../src/web/csv.js';

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['a,b', '"a,b"'],
  ['say "no"', '"say ""no"""'],
  ['two\nlines', '"two\nlines"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', `"'\r=1"`],
  ['\n=1', `"'\n=1"`],
  ["=cmd|' /C calc'!A0", `'=cmd|' /C calc'!A0`],
  ['="a,b"', `"'=""a,b"""`],
  ["'=1", "'=1"],
  ['a=1', 'a=1'],
  [' =1', "' =1"],
  ['＝1', "'＝1"],
  [-5, '-5'],
  [0, '0'],
])('a CSV cell (RFC 4180) of %j is written as %j', (value, cell) => {
  expect(csvRecord([value, 'end'])).toBe(`${cell},end\r\n`);
});
