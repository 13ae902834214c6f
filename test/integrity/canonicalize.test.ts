import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../src/integrity/canonicalize.js';
import { fingerprintOf, setHash } from '../../src/integrity/fingerprint.js';
import { parseJson } from '../../src/integrity/parse-json.js';

describe('the canonical form', () => {
  test.each([
    ['{"b":1,"a":[ 2 , 3 ]}', '{"a":[2,3],"b":1}'],
    ['{"toJSON":{"a":1},"__proto__":{"b":[]}}', '{"__proto__":{"b":[]},"toJSON":{"a":1}}'],
    ['"\\uDEAD\\/\\u001F\\u007f\\u2028"', '"\\udead/\\u001f\u007f\u2028"'],
    ['[-0,1.0,1E30,1e-7,0.000001]', '[0,1,1e+30,1e-7,0.000001]'],
    ['{"2":0,"10":0,"1":0}', '{"1":0,"10":0,"2":0}'],
    ['{"\\ufb33":0,"\\ud83d\\ude00":0}', '{"\u{1f600}":0,"\ufb33":0}'],
  ])('of %s', (text, expected) => {
    expect(canonicalize(parseJson(text, { maxDepth: 64 }).value)).toBe(expected);
  });

  test('of a value that refers to itself is an error, not an endless loop', () => {
    const value: Record<string, never> = {};
    Object.assign(value, { self: value });
    expect(() => canonicalize(value)).toThrow(expect.objectContaining({ code: 'JSON_TOO_DEEP' }));
  });
});

test('the fingerprint of one frozen definition never changes', () => {
  expect(fingerprintOf('{"description":"Reads one file.","name":"read_file"}')).toBe(
    'v1:sha256:ec20cc9fece46b672deae078efb7f8285cbc4c08835132da74963b4204b08ae5',
  );
});

test('a set with a missing name or hash has no set hash', () => {
  expect(setHash([{ name: 'a', hash: undefined }])).toBeUndefined();
  expect(
    setHash([
      { name: 'a', hash: '00' },
      { name: undefined, hash: '00' },
    ]),
  ).toBeUndefined();
});
