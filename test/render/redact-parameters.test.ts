import { describe, expect, test } from 'vitest';

import type { JsonValue } from '../../src/model/json.js';
import { redactParameters } from '../../src/render/redact-parameters.js';

const TOKEN = `ghp_${'A1b2'.repeat(9)}`;

describe('what nobody writes down', () => {
  test.each([
    'password',
    'dbPassword',
    'PASSWORD',
    'db_password',
    'X-Api-Key',
    'apiKey',
    'accessToken',
    'tokens',
    'Authorization',
    'credentials',
    'clientSecret',
    'privateKey',
    'cookie',
  ])('the value of %s, whatever it is', (name) => {
    for (const value of ['hunter2', 4711, ['a'], { a: 'b' }])
      expect(JSON.parse(redactParameters({ [name]: value }, []))).toEqual({ [name]: '[redacted]' });
  });

  test.each<[string, JsonValue]>([
    ['in a text', `use ${TOKEN} for it`],
    ['in a list', [TOKEN]],
    ['deep inside', { a: [{ b: { c: TOKEN } }] }],
    ['as a name', { [TOKEN]: 1 }],
    ['in a URL', 'postgres://me:hunter2-is-long@db.example/x'],
  ])('what looks like a secret %s', (_, value) => {
    const text = redactParameters(value, []);
    expect(text).not.toMatch(/A1b2A1b2|hunter2/);
    expect(JSON.parse(text)).toBeDefined();
  });

  test('names of the configuration, in any case', () => {
    expect(redactParameters({ iban: 'DE02', Note: 'x' }, ['IBAN'])).toBe('{"iban":"[redacted]","Note":"x"}');
  });
});

test.each([
  { tokenizer: 'x', secretary: 'y', keyword: 'z', monkey: 'k', passwordless: true, maxTokensPerCall: 5 },
  { title: 'A secret garden', count: 3, list: [null, true] },
])('what is no secret stays as it was: %j', (value) => {
  expect(JSON.parse(redactParameters(value, []))).toEqual(value);
});

test('a tree without end in sight is cut, and is JSON all the same', () => {
  let value: JsonValue = 'x';
  for (let depth = 0; depth < 500; depth += 1) value = [value];
  expect(JSON.stringify(JSON.parse(redactParameters(value, []))).length).toBeLessThan(200);
});

test('a member called __proto__ is written like any other', () => {
  expect(redactParameters(JSON.parse('{"__proto__":{"a":1}}') as JsonValue, [])).toBe('{"__proto__":{"a":1}}');
});
