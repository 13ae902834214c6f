import { describe, expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/integrity/decode-utf8.js';
import { parseJson } from '../../src/integrity/parse-json.js';

const read = (text: string, maxDepth = 64) => parseJson(text, { maxDepth });

describe('a repeated member is a flaw', () => {
  test.each([
    ['at the top', '{"a":1,"a":2}', '/a'],
    ['with one value', '{"a":1,"a":1}', '/a'],
    ['not side by side', '{"a":1,"b":0,"a":2}', '/a'],
    ['written with an escape', '{"a":1,"\\u0061":2}', '/a'],
    ['in an object in an array', '[[],{"x":[{"a":1,"a":2}]}]', '/1/x/0/a'],
    ['named __proto__', '{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['named constructor', '{"constructor":1,"constructor":2}', '/constructor'],
    ['with an empty name', '{"":1,"":2}', '/'],
    ['with a name that a pointer escapes', '{"a/b~c":1,"a/b~c":2}', '/a~1b~0c'],
    ['named like an index', '{"0":1,"0":2}', '/0'],
    ['as an unpaired surrogate', '{"\\ud800":1,"\\uD800":2}', '/\ud800'],
  ])('%s', (_, text, pointer) => {
    expect(read(text).flaws.map((flaw) => [flaw.code, flaw.pointer])).toEqual([['REPEATED_MEMBER', pointer]]);
  });

  test('the last one is in the value, as JSON.parse has it', () => {
    expect(read('{"a":1,"a":2}').value).toEqual({ a: 2 });
  });

  test('equal names in different objects, and names of inherited properties, are none', () => {
    expect(read('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}],"toString":1,"hasOwnProperty":2}').flaws).toEqual([]);
  });

  test('one after an element of nothing else is told as well', () => {
    const flawed = `{${'"a":1,'.repeat(100)}"a":1}`;
    const { flaws } = parseJson(`{"tools":[{"name":"x"},${flawed}],"tools":[]}`, { maxDepth: 64, elementsOf: 'tools' });
    expect(flaws.map(({ pointer }) => pointer)).toEqual([...Array.from({ length: 16 }, () => '/tools/1/a'), '/tools']);
  });

  test('a document of nothing else gives sixteen flaws, not a million', () => {
    expect(read(`{${'"a":1,'.repeat(1_000_000)}"a":1}`).flaws).toHaveLength(16);
  });
});

describe('nesting', () => {
  test('as deep as allowed is read', () => {
    expect(read('[{"a":[0]}]', 3)).toMatchObject({ value: [{ a: [0] }], flaws: [] });
  });

  test('one level deeper is a flaw, with null in its place and the rest intact', () => {
    const { value, flaws } = read('{"a":[{"b":[1,{"c":2}]}],"d":4}', 3);
    expect(value).toEqual({ a: [{ b: null }], d: 4 });
    expect(flaws).toEqual([{ code: 'TOO_DEEP', pointer: '/a/0/b', message: 'nested more than 3 levels deep' }]);
  });

  test.each([
    ['arrays', '['.repeat(100_000), ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(100_000), '}'.repeat(100_000)],
    ['both, with spaces and strings', '[ {"\\"]}" : '.repeat(50_000), '} , 0 ]'.repeat(50_000)],
  ])('a hundred thousand levels of %s are skipped', (_, opening, closing) => {
    const { flaws } = read(`{"deep":${opening}1${closing},"name":"x"}`);
    expect(flaws).toEqual([expect.objectContaining({ code: 'TOO_DEEP' })]);
    expect(read(`{"deep":${opening}1${closing},"name":"x"}`).value).toMatchObject({ name: 'x' });
  });

  test.each([
    ['ten million opening brackets', '['.repeat(10_000_000)],
    ['brackets that do not match', `${'['.repeat(100)}}${']'.repeat(99)}`],
    ['a bad escape in what is skipped', `${'['.repeat(100)}"\\x"${']'.repeat(100)}`],
    ['a missing comma in what is skipped', `${'['.repeat(100)}1 2${']'.repeat(100)}`],
    ['a trailing comma in what is skipped', `${'['.repeat(100)}1,${']'.repeat(100)}`],
    ['a bare member name in what is skipped', `${'['.repeat(100)}{a:1}${']'.repeat(100)}`],
    ['a bad number in what is skipped', `${'['.repeat(100)}01${']'.repeat(100)}`],
  ])('%s is still no JSON', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'JSON_SYNTAX' }));
  });

  test('a limit beyond what the stack carries is lowered', () => {
    expect(read('['.repeat(50_000) + ']'.repeat(50_000), 1_000_000).flaws).toHaveLength(1);
  });
});

describe('what JSON.parse refuses is refused', () => {
  test.each([
    ...['', ' ', '{', '}', '[1,]', '[,1]', '{"a":1,}', '{"a"}', '{"a":}', '{a:1}', "{'a':1}", '[1 2]', '{"a":1 "b":2}'],
    ...['01', '-', '-01', '+1', '.5', '1.', '1.e2', '1e', '1e+', '0x1', 'NaN', 'Infinity', '1_000', '--1', '1e1.5'],
    ...['tru', 'True', 'nul', 'undefined', 'truefalse', 'null null', '1 1', '[] []', '{}x', '// c\n1', '/* c */1'],
    ...[
      '"',
      '"a',
      '"\\"',
      '"\\',
      '"\\x41"',
      '"\\u12"',
      '"\\u12g4"',
      '"\\U0041"',
      '"a\nb"',
      '"a\tb"',
      '"\u0000"',
      "'a'",
    ],
    ...['\ufeff{}', '\u00a01', '1\u2028', '\f1', '\v1', '[1}', '{"a":1]', '"\\ud800', '{"a":"\u001f"}', '{"a\n":1}'],
  ])('%j', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'JSON_SYNTAX' }));
  });

  test('the message says where, and quotes what stands there', () => {
    expect(() => read('{"a":1,"b":\u202e}')).toThrow('not JSON: expected a value at position 11, found "\\u{202e}"');
  });
});

describe('numbers', () => {
  test.each([
    ...['0', '-0', '1', '0.1', '1.0', '1e3', '1E+3', '4.50', '100e-2', '0.30000000000000004'],
    ...[
      '1e21',
      '1e-7',
      '5e-324',
      '1.7976931348623157e308',
      '0e999',
      '-0.0',
      '123456789012345680000',
      '2.2250738585072014e-308',
    ],
    ...['0.000000000000000000000000001', '1000000000000000000000', '3.141592653589793'],
  ])('%s is exact', (lexeme) => {
    expect(read(lexeme).inexact).toEqual([]);
  });

  test.each([
    ...['12345678901234567890', '9007199254740993', '-9007199254740993', '0.1000000000000000055511151231257827'],
    ...[
      '333333333.33333329',
      '1e-400',
      '2.5e-324',
      '3.14159265358979323846',
      '1.00000000000000000001',
      '12345678901234567890e5',
    ],
  ])('%s is not', (lexeme) => {
    expect(read(`{"a":[${lexeme}]}`).inexact).toEqual([{ pointer: '/a/0', lexeme }]);
  });

  test.each(['1e309', '-1e999', `1${'0'.repeat(400)}`])('%s is beyond a double', (lexeme) => {
    const { value, flaws } = read(`[0,${lexeme}]`);
    expect(value).toEqual([0, null]);
    expect(flaws).toMatchObject([{ code: 'NUMBER_RANGE', pointer: '/1' }]);
  });
});

describe('values that other readers spoil', () => {
  test('__proto__ is a member of its own and does not become the prototype', () => {
    const { value } = read('{"__proto__":{"polluted":true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('the sign of zero and unpaired surrogates are kept', () => {
    expect(read('[-0,"\\uD800","x\\udc00"]').value).toEqual([-0, '\ud800', 'x\udc00']);
  });
});

describe('the elements of a list are located in the text', () => {
  const ranges = (text: string, maxDepth = 64) =>
    parseJson(text, { maxDepth, elementsOf: 'tools' }).elements.map(({ start, end }) => text.slice(start, end));

  test.each([
    ['compact', '{"tools":[{"a":[1]},2,"]"],"nextCursor":"x"}', ['{"a":[1]}', '2', '"]"']],
    ['spread out', '{ "x" : [0], "tools" : [ { } ,\n null ] }', ['{ }', 'null']],
    ['empty', '{"tools":[]}', []],
    ['no array', '{"tools":{"0":1}}', []],
    ['only further down', '{"result":{"tools":[1]}}', []],
    ['no object', '["tools",[1]]', []],
  ])('%s', (_, text, expected) => {
    expect(ranges(text)).toEqual(expected);
  });

  test('also where they are too deep', () => {
    expect(ranges('{"tools":[[[[]]],1]}', 3)).toEqual(['[[[]]]', '1']);
  });

  test('each has flaws of its own, however many the others have', () => {
    const many = `{${'"a":1,'.repeat(50)}"a":1}`;
    const { flaws } = parseJson(`{"tools":[${many},{"b":1,"b":2}]}`, { maxDepth: 9, elementsOf: 'tools' });
    expect(flaws.map(({ pointer }) => pointer).filter((pointer) => pointer !== '/tools/0/a')).toEqual(['/tools/1/b']);
  });
});

describe('hostile documents take linear time', () => {
  test.each([
    ['a string of two million escapes', `"${'\\n'.repeat(2_000_000)}"`],
    ['a string of a million escaped quotes', `"${'\\"'.repeat(1_000_000)}"`],
    ['a million strings with an escape each', `[${'"\\n",'.repeat(999_999)}1]`],
    ['a million strings on lines of their own', `[\n${'"a",\n'.repeat(999_999)}1]`],
    ['a string without an end', `"${'\\"'.repeat(1_000_000)}`],
    ['a number of five million digits', `1${'0'.repeat(2_500_000)}1${'0'.repeat(2_500_000)}`],
    ['a decimal of five million digits', `0.${'0'.repeat(2_500_000)}1${'0'.repeat(2_500_000)}`],
    ['an object of 300,000 members', `{${Array.from({ length: 300_000 }, (_, at) => `"m${at}":0`).join(',')}}`],
    ['an array of two million items', `[${'0,'.repeat(1_999_999)}0]`],
    ['20,000 subtrees that are too deep', `[${`${'['.repeat(70)}${']'.repeat(70)},`.repeat(20_000)}0]`],
    ['five million spaces', `${' '.repeat(5_000_000)}1`],
  ])('%s', (_, text) => {
    const started = performance.now();
    try {
      read(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'JSON_SYNTAX' });
    }
    // A quadratic reader would take minutes.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('bytes', () => {
  test.each([
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['half a character', [0x22, 0xe2, 0x82, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
    ['UTF-16', [0xff, 0xfe, 0x22, 0x00]],
  ])('%s is not UTF-8', (_, bytes) => {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'JSON_ENCODING' }));
  });

  test('a byte order mark stays, so that the reader refuses it', () => {
    expect(decodeUtf8(Uint8Array.from([0xef, 0xbb, 0xbf, 0x31]))).toBe('\ufeff1');
  });
});
