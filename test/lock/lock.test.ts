import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';

import { lockJsonSchema } from '../../src/lock/lock-schema.js';
import { packageUrl } from '../../src/lock/package-url.js';
import { readLock } from '../../src/lock/read-lock.js';
import { takeLock } from '../../src/lock/take-lock.js';
import { writeLock } from '../../src/lock/write-lock.js';
import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { LockedServer } from '../../src/model/lock.js';
import type { Mask } from '../../src/model/mask.js';
import { parseServerId } from '../../src/model/server-id.js';

const SCHEMA = join(import.meta.dirname, '..', '..', 'data', 'lock', 'sealwatch.lock.schema.json');

function lockOf(tools: readonly unknown[], former?: LockedServer, volatile: readonly Mask[] = []): LockedServer {
  const observation = {
    server: parseServerId('weather'),
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake: '{"serverInfo":{"name":"weather","version":"1.0.0"},"instructions":"Ask for a city."}',
    pages: [{ method: 'tools/list', result: JSON.stringify({ tools }) } as const],
    provenance: { type: 'stdio', command: 'npx', args: ['-y', 'weather@1.0.0'] },
    rawDigest: '',
    durationMs: 0,
    remarks: [],
  };
  const snapshot = takeSnapshot(observation, { volatile, limits: DEFAULT_LIMITS });
  const launch = { command: 'npx', args: ['-y', 'weather@1.0.0'], env: {}, cwd: '/' };
  return takeLock(snapshot, { id: observation.server, connection: { kind: 'stdio', launch } }, former);
}

const FORECAST = { name: 'forecast', description: 'Returns a forecast.', inputSchema: { type: 'object' } };
const CURRENT = { name: 'current', description: 'Returns the weather.', inputSchema: { type: 'object' } };

test('a lock says package, hashes and definitions, and the hash is the open tool definition hash', () => {
  const text = writeLock({ servers: [lockOf([CURRENT])] });
  const { weather } = (JSON.parse(text) as { servers: Record<string, Record<string, unknown>> }).servers;
  expect(weather).toMatchObject({
    package: 'pkg:npm/weather@1.0.0',
    protocolVersion: '2025-11-25',
    pins: [],
    setHashes: { prompts: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    definitions: {
      'weather/tool/current': {
        fingerprint: 'v1:sha256:c86c3e6ca43a5507c84085162eeb971f0b7b2717c7fafc0d034a1ad7456422fd',
        definition: CURRENT,
      },
      'weather/instructions/': { definition: 'Ask for a city.' },
    },
  });
});

test('the same servers are the same text, in whatever order they are listed', () => {
  expect(writeLock({ servers: [lockOf([CURRENT, FORECAST])] })).toBe(
    writeLock({ servers: [lockOf([FORECAST, CURRENT])] }),
  );
});

test('what was written is read again as it was', () => {
  const lock = { servers: [lockOf([CURRENT, FORECAST, { name: '__proto__', toJSON: 1, 10: 'x', 9: 'y' }])] };
  expect(readLock(writeLock(lock))).toEqual(lock);
});

test('a new definition adds a block, and touches the set hash and nothing else', () => {
  const [before, after] = [[CURRENT], [CURRENT, FORECAST]].map((tools) =>
    writeLock({ servers: [lockOf(tools)] }).split('\n'),
  );
  const removed = before!.filter((line) => !after!.includes(line));
  expect(removed).toEqual([expect.stringContaining('"tools": "')]);
});

test('characters that nobody sees stand as escapes, and mean what they meant', () => {
  const hidden = { ...CURRENT, description: 'Weather\u{E0041}\u{202E}\u{200B}.' };
  const lock = { servers: [lockOf([hidden])] };
  const text = writeLock(lock);
  expect(text).toContain('"description": "Weather\\udb40\\udc41\\u202e\\u200b."');
  expect(/[\u{E0000}-\u{E007F}\u{202E}\u{200B}]/u.test(text)).toBe(false);
  expect(readLock(text)).toEqual(lock);
});

test('text under a mask changes no lock', () => {
  const mask: Mask = { kind: 'tool', name: 'current', pointer: '/description', pattern: '\\d{4}-\\d{2}-\\d{2}' };
  const on = (day: string): unknown => ({ ...CURRENT, description: `Weather of ${day}` });
  const first = lockOf([on('2026-11-29')], undefined, [mask]);
  expect(first.definitions.find(({ refText }) => refText === 'weather/tool/current')?.masked).toEqual(['/description']);
  expect(lockOf([on('2026-11-30')], first, [mask])).toEqual(first);
});

test('what is malformed is in no lock', () => {
  const lock = lockOf([CURRENT, CURRENT]);
  expect(lock.definitions.map(({ refText }) => refText)).toEqual([
    'weather/instructions/',
    'weather/provenance/',
    'weather/server/',
  ]);
});

const VALID = writeLock({ servers: [lockOf([CURRENT])] });

test.each([
  ['a changed text', VALID.replace('Returns the weather.', 'Returns it.'), 'has another hash'],
  ['a changed hash', VALID.replace(/"hash": "[0-9a-f]{8}/, '"hash": "00000000'), 'has another hash'],
  ['a changed fingerprint', VALID.replace(/v1:sha256:[0-9a-f]{8}/, 'v1:sha256:00000000'), 'has another hash'],
  [
    'an emptied entry',
    VALID.replace(/"weather\/tool\/current": \{[^]*?\n {8}\}/, '"weather/tool/current": {}'),
    'fingerprint',
  ],
  [
    'a changed set hash',
    VALID.replace(/"tools": "[0-9a-f]{8}/, '"tools": "00000000'),
    'the set hash of tools of weather',
  ],
  ['a definition of another server', VALID.replace('weather/tool/', 'other/tool/'), 'stands below the server weather'],
  ['a repeated member', VALID.replace('"pins": [],', '"pins": [], "pins": [],'), 'repeated'],
  ['a marker of a merge', VALID.replace('{\n', '<<<<<<< HEAD\n{\n'), 'the lock is no JSON'],
  ['an unknown member', VALID.replace('"pins"', '"pens"'), 'servers weather'],
  [
    'a newer version',
    VALID.replace('"lockfileVersion": 1', '"lockfileVersion": 2'),
    'version 2, this program reads version 1',
  ],
  ['another document', '{}', 'lockfileVersion'],
])('%s is refused', (_, text, message) => {
  expect(text).not.toBe(VALID);
  const refuse = (): unknown => readLock(text);
  expect(refuse).toThrow(message);
  expect(refuse).toThrow(expect.objectContaining({ code: 'LOCK_INVALID' }));
});

test('the published schema is that of the program, and takes a lock', () => {
  const published = JSON.parse(readFileSync(SCHEMA, 'utf8')) as object;
  expect(published).toEqual(lockJsonSchema());
  const validate = new Ajv2020().compile(published);
  expect([validate(JSON.parse(VALID)), validate({ lockfileVersion: 1 })]).toEqual([true, false]);
});

test.each([
  ['npx', ['-y', '@scope/name@1.2.3'], 'pkg:npm/@scope/name@1.2.3'],
  ['npx', ['-y', 'name@^1.2.3'], 'pkg:npm/name'],
  ['npx', ['-y', 'name@latest'], 'pkg:npm/name'],
  ['uvx', ['Some_Name==2.0'], 'pkg:pypi/some-name@2.0'],
  [
    'docker',
    ['run', '-i', '--rm', `ghcr.io/o/n@sha256:${'a'.repeat(64)}`],
    `pkg:oci/ghcr.io/o/n@sha256:${'a'.repeat(64)}`,
  ],
  ['node', ['server.js'], undefined],
  ['npx', ['--registry', 'https://evil.example', 'name'], undefined],
])('%s %j runs %s', (command, args, url) => {
  expect(packageUrl({ command, args, env: {}, cwd: '/' })).toBe(url);
});
