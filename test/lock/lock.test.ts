import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import { lockServer } from '../../src/lock/lock-server.js';
import { lockJsonSchema } from '../../src/lock/lock-schema.js';
import { readLock } from '../../src/lock/read-lock.js';
import { writeLock } from '../../src/lock/write-lock.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { Mask } from '../../src/model/mask.js';
import { parseServerId } from '../../src/model/server-id.js';

const SCHEMA = join(import.meta.dirname, '..', '..', 'data', 'lock', 'sealwatch.lock.v1.schema.json');
const SERVER = parseServerId('weather');

function lockText(tools: string, volatile: readonly Mask[] = []): string {
  const observation = {
    server: SERVER,
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake: '{"serverInfo":{"name":"w","version":"1"},"capabilities":{},"instructions":"Be kind."}',
    pages: [{ method: 'tools/list', result: `{"tools":${tools}}` }],
    provenance: { command: 'node' },
    rawDigest: '0',
    durationMs: 0,
    remarks: [],
  } as const;
  const snapshot = takeSnapshot(observation, { volatile, limits: DEFAULT_LIMITS });
  return writeLock({ servers: new Map([[SERVER, lockServer(snapshot, { volatile, pins: [] })]]) });
}

const TOOLS = '[{"name":"a","description":"First."},{"name":"b","inputSchema":{"type":"object"}}]';

test('a lock is the same whatever the order in which a server answers', () => {
  expect(lockText('[{"inputSchema":{"type":"object"},"name":"b"},{"description":"First.","name":"a"}]')).toBe(
    lockText(TOOLS),
  );
});

test('a lock holds the open hashes, and reads back as what it was', () => {
  const text = lockText(TOOLS);
  // From sha256sum, over {"description":"First.","name":"a"}.
  expect(text).toContain('v1:sha256:390e5126dad1b1fdf83c5938ba2be36904b52359ff3f0169f24dfa673d20a9e2');
  expect(writeLock(readLock(text, 'x'))).toBe(text);
});

test('what a reviewer would not see is an escape, and reads back as itself', () => {
  const text = lockText(`[{"name":"a","description":"x\u202Ey\u200Bz \u{E0041}é"}]`);
  expect(text).toContain('"x\\u202ey\\u200bz \\udb40\\udc41é"');
  expect(
    readLock(text, 'x')
      .servers.get(SERVER)
      ?.definitions.find(({ name }) => name === 'a')?.value,
  ).toEqual({
    name: 'a',
    description: 'x\u202Ey\u200Bz \u{E0041}é',
  });
});

test('a name that means something to JavaScript is a name', () => {
  const text = lockText('[{"name":"__proto__","__proto__":{"toJSON":"x"}}]');
  expect(text).toContain('"tool/__proto__"');
  expect(writeLock(readLock(text, 'x'))).toBe(text);
});

test('masked text does not change a lock, and a list with it has no open set hash', () => {
  const volatile: readonly Mask[] = [
    { kind: 'tool', name: 'a', pointer: '/description', pattern: '\\d{4}-\\d{2}-\\d{2}' },
  ];
  const on = (day: string): string => lockText(`[{"name":"a","description":"Today is ${day}."}]`, volatile);
  expect(on('2026-11-30')).toBe(on('2026-12-01'));
  expect(on('2026-11-30')).toContain('"tools": null');
  expect(readLock(on('2026-11-30'), 'x').servers.size).toBe(1);
});

describe('a lock that does not hold together is refused', () => {
  test.each<[string, (text: string) => string]>([
    ['a definition that was edited', (text) => text.replace('First.', 'Second.')],
    ['a fact that was edited', (text) => text.replace('"version": "1"', '"version": "2"')],
    [
      'a definition that was edited, in a list without its set hash',
      (text) => text.replace('First.', 'Second.').replace(/"tools": "[0-9a-f]{64}"/, '"tools": null'),
    ],
    ['instructions that were edited', (text) => text.replace('Be kind.', 'Be bold.')],
    ['a set hash that was edited', (text) => text.replace(/"tools": "[0-9a-f]{4}/, '"tools": "0000')],
    ['a definition that was taken out', (text) => text.replace('"tool/a"', '"prompt/a"')],
    ['a member twice', (text) => text.replace('"lockVersion": 1,', '"lockVersion": 1, "lockVersion": 1,')],
    ['a newer form', (text) => text.replace('"lockVersion": 1', '"lockVersion": 2')],
    ['a member that nobody knows', (text) => text.replace('"lockVersion": 1,', '"lockVersion": 1, "more": 1,')],
    ['the marks of a merge', (text) => `<<<<<<< HEAD\n${text}`],
    ['nothing', () => ''],
  ])('%s', (_, change) => {
    const text = lockText(TOOLS);
    expect(change(text)).not.toBe(text);
    expect(() => readLock(change(text), 'x')).toThrow(expect.objectContaining({ code: 'LOCK_INVALID' }));
  });
});

test('the published schema is the one that is checked, and takes a lock', () => {
  const published = JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>;
  expect(published).toEqual(JSON.parse(JSON.stringify(lockJsonSchema())));
  const validate = new Ajv2020().compile(published);
  expect(validate(JSON.parse(lockText(TOOLS)))).toBe(true);
  expect(validate({ lockVersion: 2, servers: {} })).toBe(false);
});
