import { expect, test } from 'vitest';

import type { JsonValue } from '../../src/model/json.js';
import { parseServerId } from '../../src/model/server-id.js';
import { mayCall } from '../../src/policy/may-call.js';
import { load } from '../config/world.js';

const AUTH = { issuer: 'https://login.example', claim: 'groups' };

/** Whether a rule as it is written in a configuration lets arguments pass. */
function passes(rule: object, given: JsonValue | undefined, name: string | undefined): boolean {
  const section = {
    publicUrl: 'https://mcp.example',
    auth: { ...AUTH, permissions: { p: [rule] }, roles: [{ value: 'v', may: ['p'] }] },
  };
  const roles = load(JSON.stringify({ gateway: section })).gateway.auth?.roles?.roles.flatMap(({ rules }) => rules);
  const rights = { scopes: undefined, roles };
  return mayCall({ rights }, { server: parseServerId('files'), name, arguments: given }).kind === 'allowed';
}

test.each<[string, object, JsonValue | undefined, boolean]>([
  ['a value that is that one', { branch: 'main' }, { branch: 'main' }, true],
  ['another value', { branch: 'main' }, { branch: 'mainline' }, false],
  ['a value of another type', { count: 1 }, { count: '1' }, false],
  ['a list that holds the value', { branch: 'main' }, { branch: ['main'] }, false],
  ['one of several values', { dry: [true, null] }, { dry: null }, true],
  ['none of several values', { dry: [true, null] }, { dry: false }, false],
  ['an argument that is absent', { dry: [true, null] }, {}, false],
  ['no arguments', { dry: true }, undefined, false],
  ['arguments that are none', { dry: true }, ['dry'], false],
  ['a member that objects have by birth', { constructor: { pattern: '.*' } }, {}, false],
  ['what the whole pattern matches', { id: { pattern: 'a+' } }, { id: 'aaa' }, true],
  ['what a pattern matches in part', { id: { pattern: 'a+' } }, { id: 'aaab' }, false],
  ['a line that a pattern matches, and another', { id: { pattern: 'a+' } }, { id: 'aaa\nb' }, false],
  ['a number, whatever its pattern', { id: { pattern: '.*' } }, { id: 1 }, false],
  ['a text longer than any that a rule is for', { id: { pattern: 'a*' } }, { id: 'a'.repeat(70_000) }, false],
  ['a nested argument', { '/options/mode': 'r' }, { options: { mode: 'r' } }, true],
  ['a nested argument at another place', { '/options/mode': 'r' }, { mode: 'r' }, false],
  ['a name with a slash', { '/a~1b': 'r' }, { 'a/b': 'r' }, true],
  ['a list of which every item is right', { '/paths/*': { within: '/work' } }, { paths: ['/work/a', '/work/b'] }, true],
  ['a list of which one item is not', { '/paths/*': { within: '/work' } }, { paths: ['/work/a', '/etc/b'] }, false],
  ['a list without items', { '/paths/*': { within: '/work' } }, { paths: [] }, false],
  ['a text in the place of a list', { '/paths/*': { within: '/work' } }, { paths: '/work/a' }, false],
  ['every rule but one', { a: 1, b: 2 }, { a: 1, b: 3 }, false],
  ['what no rule is about', { a: 1 }, { a: 1, c: 'x' }, true],
])('%s', (_, rules, given, expected) => {
  expect(passes({ arguments: rules }, given, 'write_file')).toBe(expected);
});

test.each<[string, boolean]>([
  ['/work', true],
  ['/work/a/b.txt', true],
  ['/work/.hidden', true],
  ['/work//a', true],
  ['/work/100%', true],
  ['/workshop/a', false],
  ['work/a', false],
  ['/work/..', false],
  ['/work/../etc/passwd', false],
  ['/work/a/../../etc', false],
  ['/work/./a', false],
  ['/work/.. /etc', false],
  ['/work/\uff0e\uff0e/etc', false],
  ['/work/\u2025/etc', false],
  ['/work/..\\etc', false],
  ['/work\\..\\etc', false],
  ['/work/%2e%2e/etc', false],
  ['/work/..%2Fetc', false],
  ['/work/%252e%252e/etc', false],
  ['/work/a\0.txt', false],
  ['', false],
])('the path %j is within /work: %s', (path, expected) => {
  expect(passes({ arguments: { path: { within: '/work/' } } }, { path }, 'write_file')).toBe(expected);
});

test('every absolute path is within the root, and nothing else', () => {
  const rule = { arguments: { path: { within: '/' } } };
  expect(['/etc', '', 'etc'].map((path) => passes(rule, { path }, 'write_file'))).toEqual([true, false, false]);
});

test.each<[string, object, string | undefined, boolean]>([
  ['resources, by a rule for all tools', {}, undefined, true],
  ['resources, by a rule for some tools', { tools: ['w*'] }, undefined, false],
  ['resources, by a rule about arguments', { arguments: { a: 1 } }, undefined, false],
  ['a tool of a server that the rule is not for', { servers: ['git*'] }, 'write_file', false],
])('%s', (_, rule, name, expected) => {
  expect(passes(rule, {}, name)).toBe(expected);
});

test('where nobody said what is allowed, nothing is', () => {
  const use = { server: parseServerId('files'), name: 'a', arguments: {} };
  expect(mayCall({ rights: { scopes: undefined, roles: undefined } }, use).kind).toBe('refused');
});
