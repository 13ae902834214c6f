import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { fingerprint } from '../../src/index.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a text as it was received', () => {
  test('has the fingerprint of its canonical form', () => {
    expect(fingerprint('{ "name": "ping", "description": "Pings.\\u000a" }')).toEqual({
      kind: 'well-formed',
      fingerprint: 'v1:sha256:6f765d0fc8341754e88068f2af4b939f925898599f82c29879948d9622bd480d',
      version: 'v1:sha256:6f765d0fc8341754e88068f2af4b939f925898599f82c29879948d9622bd480d',
      canonical: '{"description":"Pings.\\n","name":"ping"}',
      inexactNumbers: [],
    });
  });

  test('has the same fingerprint as bytes and as a value', () => {
    const text = '{"name":"ping","inputSchema":{"type":"object","maximum":0.1,"__proto__":{"a":1}}}';
    const { version } = fingerprint(text);
    expect(fingerprint(Buffer.from(text)).version).toBe(version);
    expect(fingerprint(JSON.parse(text) as object).version).toBe(version);
  });

  test.each([
    ['a repeated member', '{"name":"a","name":"a"}', 'REPEATED_MEMBER', '/name'],
    ['a number beyond a double', '{"name":"a","n":1e999}', 'NUMBER_RANGE', '/n'],
    ['65 levels', `{"name":"a","n":${'['.repeat(64)}${']'.repeat(64)}}`, 'TOO_DEEP', `/n${'/0'.repeat(63)}`],
    ['more than 1 MiB', `{"name":"a","n":"${'x'.repeat(1024 * 1024)}"}`, 'OVERSIZE', ''],
    ['no name', '{"description":"x"}', 'NO_NAME', ''],
    ['no object', '["name"]', 'NOT_AN_OBJECT', ''],
  ])('is malformed with %s', (_, text, code, pointer) => {
    expect(fingerprint(text)).toEqual({
      kind: 'malformed',
      version: `malformed:sha256:${sha256(text)}`,
      flaws: [{ code, pointer, message: expect.any(String) as string }],
    });
  });

  test('with digits that a double loses says where, and its version tells them apart', () => {
    const one = fingerprint('{"name":"a","n":12345678901234567890}');
    const other = fingerprint('{"name":"a","n":12345678901234567891}');
    expect(one).toMatchObject({ kind: 'well-formed', inexactNumbers: ['/n'] });
    expect(one.version).toMatch(/^v1:sha256:[0-9a-f]{64}\+numbers:[0-9a-f]{64}$/);
    expect(other.version).not.toBe(one.version);
  });

  test.each([
    ['that is not JSON', '{"name":"a"', 'JSON_SYNTAX'],
    ['that is two values', '{"name":"a"},{"name":"b"}', 'JSON_SYNTAX'],
    ['that closes brackets which it did not open', '{"name":"a"}],"tools":[{"name":"b"}', 'JSON_SYNTAX'],
    ['that is empty', '', 'JSON_SYNTAX'],
    ['with a byte order mark', '\uFEFF{"name":"a"}', 'JSON_SYNTAX'],
    ['in bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'JSON_ENCODING'],
    ['of more than 32 MiB', ' '.repeat(32 * 1024 * 1024 + 1), 'JSON_TOO_LARGE'],
  ])('%s is an error', (_, text, code) => {
    expect(() => fingerprint(text)).toThrow(expect.objectContaining({ code }) as Error);
  });

  test('is named by what names its kind', () => {
    expect(fingerprint('{"uri":"file:///a"}')).toMatchObject({ kind: 'malformed' });
    expect(fingerprint('{"uri":"file:///a"}', { kind: 'resource' })).toMatchObject({ kind: 'well-formed' });
    expect(fingerprint('{"name":"a"}', { kind: 'resource' })).toMatchObject({ kind: 'malformed' });
    expect(() => fingerprint('{"name":"a"}', { kind: 'toString' as 'tool' })).toThrow(
      expect.objectContaining({ code: 'REF_INVALID' }) as Error,
    );
  });
});

describe('a value that somebody parsed', () => {
  const within: Record<string, unknown> = { name: 'a' };
  within['self'] = within;
  let wide: unknown = 1;
  for (let level = 0; level < 40; level++) wide = [wide, wide];
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];

  test.each([
    ['a whole number that may have been another one', { name: 'a', n: 2 ** 53 }, 'JSON_NUMBER_RANGE', '/n'],
    ['a number that is none', { name: 'a', n: [Number.NaN] }, 'JSON_NUMBER_RANGE', '/n/0'],
    ['a number without end', { name: 'a', n: Number.POSITIVE_INFINITY }, 'JSON_NUMBER_RANGE', '/n'],
    ['a big integer', { name: 'a', n: 1n }, 'JSON_SYNTAX', '/n'],
    ['a function', { name: 'a', toJSON: () => 'b' }, 'JSON_SYNTAX', '/toJSON'],
    ['a date', { name: 'a', n: new Date(0) }, 'JSON_SYNTAX', '/n'],
    ['a map', { name: 'a', n: new Map() }, 'JSON_SYNTAX', '/n'],
    ['bytes', { name: 'a', n: Buffer.from('x') }, 'JSON_SYNTAX', '/n'],
    ['a hole', { name: 'a', n: [1, , 2] }, 'JSON_SYNTAX', '/n/1'],
    ['itself', within, 'JSON_SYNTAX', '/self'],
    ['one value in 2^40 places', { name: 'a', wide }, 'JSON_TOO_LARGE', ''],
    ['a hundred thousand levels', { name: 'a', deep }, 'JSON_TOO_DEEP', ''],
  ])('with %s is refused, and the place said', (_, value, code, pointer) => {
    expect(() => fingerprint(value)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(pointer) as string }) as Error,
    );
  });

  test('has no member where one is undefined, as JSON.stringify has it', () => {
    expect(fingerprint({ name: 'a', title: undefined }).version).toBe(fingerprint('{"name":"a"}').version);
  });

  test('is read once: what a getter says later is not in it', () => {
    let reads = 0;
    const result = fingerprint({
      get name() {
        return `read ${(reads += 1)}`;
      },
    });
    expect(result).toMatchObject({ canonical: '{"name":"read 1"}' });
  });
});
