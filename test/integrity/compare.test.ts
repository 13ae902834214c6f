import { describe, expect, test } from 'vitest';
import { compareSnapshots } from '../../src/integrity/compare.js';
import { compareJson } from '../../src/integrity/compare-json.js';
import { parseJson } from '../../src/integrity/parse-json.js';
import type { Snapshot } from '../../src/model/snapshot.js';
import { approvalOf, observe, snapshotOf, snapshotOfTools, tools } from './observe.js';

const json = (text: string) => parseJson(text, { maxDepth: 64 }).value;

describe('two documents differ', () => {
  test.each([
    ['nowhere', '{"a":[1,{"b":null}]}', '{"a":[1,{"b":null}]}', []],
    ['in a member', '{"a":1}', '{"a":2}', [{ pointer: '/a', before: 1, after: 2 }]],
    ['by a new member', '{}', '{"a":{"b":1}}', [{ pointer: '/a', after: { b: 1 } }]],
    ['by a member that is gone', '{"a":[1]}', '{}', [{ pointer: '/a', before: [1] }]],
    ['in the kind of a value', '{"a":[]}', '{"a":{}}', [{ pointer: '/a', before: [], after: {} }]],
    ['as a whole', '[]', '"x"', [{ pointer: '', before: [], after: 'x' }]],
    ['in a name to be escaped', '{"a/b":{"~":1}}', '{"a/b":{"~":2}}', [{ pointer: '/a~1b/~0', before: 1, after: 2 }]],
    ['in a name that objects inherit', '{}', '{"constructor":1}', [{ pointer: '/constructor', after: 1 }]],
    ['between absent and null', '{}', '{"a":null}', [{ pointer: '/a', after: null }]],
    ['by an item in front', '["b","c"]', '["a","b","c"]', [{ pointer: '/0', after: 'a' }]],
    ['by an item in the middle', '["a","c"]', '["a","b","c"]', [{ pointer: '/1', after: 'b' }]],
    ['by an item that is gone', '["a","b","c"]', '["a","c"]', [{ pointer: '/1', before: 'b' }]],
    ['in an item', '["a","b","c"]', '["a","x","c"]', [{ pointer: '/1', before: 'b', after: 'x' }]],
    [
      'by moving an item',
      '["a","b"]',
      '["b","a"]',
      [
        { pointer: '/0', before: 'a' },
        { pointer: '/1', after: 'a' },
      ],
    ],
    [
      'inside a named item that stands elsewhere now',
      '[{"name":"p","required":true},{"name":"q"}]',
      '[{"name":"new"},{"name":"p","required":false},{"name":"q"}]',
      [
        { pointer: '/0', after: { name: 'new' } },
        { pointer: '/1/required', before: true, after: false },
      ],
    ],
    [
      'by a member gone from a named item that stands elsewhere now',
      '[{"name":"p","x":1}]',
      '[{"name":"new"},{"name":"p"}]',
      [
        { pointer: '/0', after: { name: 'new' } },
        { pointer: '/0/x', before: 1 },
      ],
    ],
    [
      'by one named item in place of another',
      '[{"name":"p"}]',
      '[{"name":"q"}]',
      [
        { pointer: '/0', before: { name: 'p' } },
        { pointer: '/0', after: { name: 'q' } },
      ],
    ],
    ['inside an object without a name', '[{"a":1},0]', '[{"a":2},0]', [{ pointer: '/0/a', before: 1, after: 2 }]],
    ['by repeated items', '["a","a","b"]', '["a","b"]', [{ pointer: '/1', before: 'a' }]],
  ])('%s', (_, before, after, edits) => {
    expect(compareJson(json(before), json(after))).toEqual(edits);
  });

  test('in two long lists of nothing in common, in no time', () => {
    const list = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word}${at}`);
    const started = performance.now();
    expect(compareJson(list('a'), list('b'))).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test('by one item put into a long list', () => {
    const list = Array.from({ length: 20_000 }, (_, at) => `item ${at}`);
    expect(compareJson(list, list.toSpliced(9_000, 0, 'new'))).toEqual([{ pointer: '/9000', after: 'new' }]);
  });
});

const LONG = 'Creates an issue in a repository, with labels, a milestone and the people that it is assigned to';
const tool = (name: string, rest: Record<string, unknown> = {}) => JSON.stringify({ name, description: LONG, ...rest });

const drift = (before: Snapshot, after: Snapshot) =>
  compareSnapshots(approvalOf(before), after).map(({ kind, refText, edits, renamedFrom }) => ({
    kind,
    refText,
    edits,
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  }));

describe('drift from the baseline', () => {
  test('is none where all is approved, in any order', () => {
    expect(drift(snapshotOfTools(tool('a'), tool('b')), snapshotOfTools(tool('b'), tool('a')))).toEqual([]);
  });

  test('is everything where nothing is', () => {
    const changes = compareSnapshots({ approved: new Map(), isEmpty: true }, snapshotOfTools(tool('a')));
    expect(changes.map(({ kind, refText }) => [kind, refText])).toEqual([
      ['added', 'github/provenance/'],
      ['added', 'github/server/'],
      ['added', 'github/tool/a'],
    ]);
    expect(changes[2]).toMatchObject({ after: expect.stringMatching(/^v1:/) as unknown, edits: [] });
    expect(changes[2]).not.toHaveProperty('before');
  });

  test('says what was added, removed and changed, and where', () => {
    const before = snapshotOfTools('{"name":"gone"}', '{"name":"kept","description":"old"}');
    const after = snapshotOfTools('{"name":"kept","description":"new"}', '{"name":"new","description":"other"}');
    expect(drift(before, after)).toEqual([
      { kind: 'removed', refText: 'github/tool/gone', edits: [] },
      {
        kind: 'changed',
        refText: 'github/tool/kept',
        edits: [{ pointer: '/description', before: 'old', after: 'new' }],
      },
      { kind: 'added', refText: 'github/tool/new', edits: [] },
    ]);
  });

  test('names both versions', () => {
    const [before, after] = [snapshotOfTools('{"name":"a","n":1}'), snapshotOfTools('{"name":"a","n":2}')];
    expect(compareSnapshots(approvalOf(before), after)).toMatchObject([
      { before: before.definitions[2]?.version, after: after.definitions[2]?.version },
    ]);
  });

  test('is a change without edits where a definition became malformed, or two of its name came', () => {
    const before = snapshotOfTools('{"name":"a"}');
    expect(drift(before, snapshotOfTools('{"name":"a","x":1,"x":1}'))).toEqual([
      { kind: 'changed', refText: 'github/tool/a', edits: [] },
    ]);
    expect(drift(before, snapshotOfTools('{"name":"a"}', '{"name":"a"}'))).toEqual([
      { kind: 'changed', refText: 'github/tool/a', edits: [] },
    ]);
    expect(drift(before, snapshotOfTools('{"name":"a"}', '{"name":"a","x":1}'))).toHaveLength(2);
  });

  test('is a change without edits where only digits beyond a double changed', () => {
    const before = snapshotOfTools('{"name":"a","n":12345678901234567890}');
    expect(drift(before, snapshotOfTools('{"name":"a","n":12345678901234567891}'))).toEqual([
      { kind: 'changed', refText: 'github/tool/a', edits: [] },
    ]);
  });

  test('is in the instructions and in the facts like in any definition', () => {
    const before = snapshotOf(observe({ handshake: '{"serverInfo":{"version":"1"},"instructions":"Be kind."}' }));
    const after = snapshotOf(observe({ handshake: '{"serverInfo":{"version":"2"},"instructions":"Be quick."}' }));
    expect(drift(before, after)).toEqual([
      {
        kind: 'changed',
        refText: 'github/instructions/',
        edits: [{ pointer: '', before: 'Be kind.', after: 'Be quick.' }],
      },
      {
        kind: 'changed',
        refText: 'github/server/',
        edits: [{ pointer: '/serverInfo/version', before: '1', after: '2' }],
      },
    ]);
  });

  test('is everything that is approved, where the server comes from elsewhere', () => {
    const before = snapshotOfTools(tool('a'), '{"name":"b"}');
    const after = snapshotOf(
      observe({ provenance: { type: 'stdio', command: 'evil' }, pages: [tools(`[${tool('a')},{"name":"b","n":1}]`)] }),
    );
    expect(drift(before, after)).toEqual([
      {
        kind: 'changed',
        refText: 'github/provenance/',
        edits: [{ pointer: '/command', before: 'node', after: 'evil' }],
      },
      { kind: 'reprovenanced', refText: 'github/server/', edits: [] },
      { kind: 'reprovenanced', refText: 'github/tool/a', edits: [] },
      { kind: 'changed', refText: 'github/tool/b', edits: [{ pointer: '/n', after: 1 }] },
    ]);
  });
});

describe('a rename is linked', () => {
  test('where all but name and title is equal, and the vanished one is not reported again', () => {
    const before = snapshotOfTools('{"name":"old","title":"Old","inputSchema":{"type":"object"}}');
    const after = snapshotOfTools('{"name":"new","title":"New","inputSchema":{"type":"object"}}');
    expect(compareSnapshots(approvalOf(before), after)).toEqual([
      {
        kind: 'renamed',
        ref: { server: 'github', kind: 'tool', name: 'new' },
        refText: 'github/tool/new',
        renamedFrom: 'github/tool/old',
        before: before.definitions[2]?.version,
        after: after.definitions[2]?.version,
        edits: [
          { pointer: '/name', before: 'old', after: 'new' },
          { pointer: '/title', before: 'Old', after: 'New' },
        ],
      },
    ]);
  });

  test('where hardly anything else changed', () => {
    const after = snapshotOfTools(tool('new', { description: `${LONG} now` }));
    expect(drift(snapshotOfTools(tool('old')), after)).toMatchObject([
      { kind: 'renamed', renamedFrom: 'github/tool/old' },
    ]);
  });

  test.each([
    [
      'something else came',
      tool('new', { description: 'Deletes every branch of every repository without asking anybody at all' }),
    ],
    ['little text is similar by chance', '{"name":"new","description":"Adds two"}'],
    ['the new one is malformed', `{"name":"new","description":"${LONG}","x":1,"x":1}`],
  ])('not where %s', (_, text) => {
    const kinds = drift(snapshotOfTools(tool('old')), snapshotOfTools(text)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['added', 'removed']);
  });

  test('not from a tool to a prompt', () => {
    const prompt = { method: 'prompts/list', result: `{"prompts":[${tool('old')}]}` } as const;
    expect(drift(snapshotOfTools(tool('old')), snapshotOf(observe({ pages: [prompt] })))).toHaveLength(2);
  });

  test('once for each, the most alike first', () => {
    const before = snapshotOfTools(tool('x', { n: 1 }), tool('y', { n: 2 }));
    const after = snapshotOfTools(tool('p', { n: 2 }), tool('q', { n: 2, m: 3 }), tool('r', { n: 1 }));
    expect(drift(before, after).map(({ kind, refText, renamedFrom }) => [kind, refText, renamedFrom])).toEqual([
      ['renamed', 'github/tool/p', 'github/tool/y'],
      ['added', 'github/tool/q', undefined],
      ['renamed', 'github/tool/r', 'github/tool/x'],
    ]);
  });

  test('of two thousand tools at once in no time', () => {
    const many = (word: string) => Array.from({ length: 2_000 }, (_, at) => tool(`${word}${at}`, { at }));
    const [before, after] = [snapshotOfTools(...many('a')), snapshotOfTools(...many('b'))];
    const started = performance.now();
    expect(drift(before, after).every(({ kind }) => kind === 'renamed')).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('for a resource whose URI changed, but not between any two of the same sort', () => {
    const page = (uri: string, name: string) =>
      ({
        method: 'resources/list',
        result: JSON.stringify({ resources: [{ uri, name, mimeType: 'text/plain' }] }),
      }) as const;
    const before = snapshotOf(observe({ pages: [page('x://1', 'one')] }));
    expect(drift(before, snapshotOf(observe({ pages: [page('y://1', 'one')] }))).map(({ kind }) => kind)).toEqual([
      'renamed',
    ]);
    expect(drift(before, snapshotOf(observe({ pages: [page('x://2', 'two')] })))).toHaveLength(2);
  });
});

test('a long name over many members does not become hundreds of megabytes of pointers: the whole document is one edit', () => {
  const name = 'n'.repeat(20_000);
  const members = (value: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`m${index}`, value]));
  const edits = compareJson({ [name]: members(1) }, { [name]: members(2) });
  expect(edits.map(({ pointer }) => pointer)).toEqual(['']);
});
