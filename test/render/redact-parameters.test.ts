import { describe, expect, test } from 'vitest';

import type { JsonValue } from '../../src/model/json.js';
import { hidesUnannounced, redactParameters } from '../../src/render/redact-parameters.js';

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

test('two names that look alike when they are masked are both written', () => {
  const value = { [`ghp_${'a1'.repeat(12)}`]: 'one', [`ghp_${'b2'.repeat(12)}`]: 'two' };
  const name = `ghp_${'•'.repeat(24)}`;
  expect(JSON.parse(redactParameters(value, []))).toEqual([{ [name]: 'one' }, { [name]: 'two' }]);
});

describe('what is hidden is announced', () => {
  const schema = {
    properties: {
      password: { type: 'string' },
      iban: { type: 'string' },
      title: { type: 'string' },
      database: { properties: { token: {} } },
      accounts: { items: { properties: { apiKey: {} } } },
    },
  };

  test.each<[string, JsonValue, boolean]>([
    ['nothing hidden', { title: 'x', other: [1, null] }, false],
    ['a secret that the schema asks for', { password: 'hunter2' }, false],
    ['one deeper inside', { database: { token: 'x' }, accounts: [{ apiKey: 'y' }] }, false],
    ['one of the configuration', { iban: 'DE02' }, false],
    ['a secret’s name that the schema has not', { token: 'rm -rf ~' }, true],
    ['one that it has elsewhere', { title: 'x', database: { password: 'rm -rf ~' } }, true],
    ['a value that looks like a secret', { title: `rm -rf ~ ${TOKEN}` }, true],
    ['the beginning of a key', { title: 'ls # -----BEGIN PRIVATE KEY-----\nreboot' }, true],
    ['what stands in an address as a password', { title: 'http://a:;reboot;@b' }, true],
    ['a name that looks like a secret', { [TOKEN]: 1 }, true],
    ['what inherits its announcement from nobody', { constructor: { secret: 'rm' } }, true],
  ])('%s', (_, value, isHidden) => {
    expect(hidesUnannounced(value, ['iban', 'password'], schema)).toBe(isHidden);
  });

  test('without a schema nothing is', () => {
    expect(hidesUnannounced({ password: 'x' }, [], undefined)).toBe(true);
    expect(hidesUnannounced({ word: 'x' }, [], undefined)).toBe(false);
  });

  test('what is too deep to be shown is not', () => {
    let value: JsonValue = 'x';
    for (let depth = 0; depth < 100; depth += 1) value = [value];
    expect(hidesUnannounced(value, [], {})).toBe(true);
  });
});
