import { expect, test } from 'vitest';

import { lineOf } from '../../src/lock/line-of.js';
import { writeLock } from '../../src/lock/write-lock.js';
import { parseServerId } from '../../src/model/server-id.js';

const NO_HASHES = {
  tools: undefined,
  prompts: undefined,
  resources: undefined,
  resourceTemplates: undefined,
  instructions: undefined,
};

const text = writeLock({
  servers: new Map(
    ['north', 'south'].map((name) => [
      parseServerId(name),
      {
        provenance: { command: 'node' },
        pins: [],
        setHashes: NO_HASHES,
        definitions: [{ kind: 'tool', name: 'a b', version: 'v1', value: { name: 'a b', 'tool/c': {} } }],
      },
    ]),
  ),
});

/** What stands on the line of a place. */
function at(place: string): readonly [number, string | undefined] {
  const line = lineOf(text, place);
  return [line, text.split('\n')[line - 1]?.trim()];
}

test('a definition, a server and where it comes from each have their line', () => {
  expect(at('north')).toEqual([4, '"north": {']);
  expect(at('north/tool/a%20b')).toEqual([6, '"tool/a%20b": {']);
  expect(at('south')).toEqual([26, '"south": {']);
  expect(at('south/tool/a%20b')).toEqual([28, '"tool/a%20b": {']);
  expect(at('south/provenance/')).toEqual([37, '"provenance": {']);
});

test('what a lock does not have is on the line of its server, or on the first', () => {
  expect(at('south/tool/c')).toEqual([26, '"south": {']);
  expect(at('west/tool/c')).toEqual([1, '{']);
});
