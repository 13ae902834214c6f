import { describe, expect, test } from 'vitest';
import { definitionsOf, observe, snapshotOf, snapshotOfTools, tools } from './observe.js';

const NAMED = '{"name":"a","description":"x"}';

describe('a snapshot', () => {
  test('holds every definition and the facts, ordered by reference', () => {
    const snapshot = snapshotOf(
      observe({
        handshake:
          '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"s"},"instructions":"Read me."}',
        pages: [
          tools('[{"name":"b"}]'),
          tools('[{"name":"a"}]'),
          { method: 'prompts/list', result: '{"prompts":[{"name":"p"}]}' },
          { method: 'resources/list', result: '{"resources":[{"uri":"x://1","name":"r"}]}' },
          {
            method: 'resources/templates/list',
            result: '{"resourceTemplates":[{"uriTemplate":"x://{n}","name":"t"}]}',
          },
        ],
      }),
    );
    expect(snapshot.definitions.map(({ refText, content }) => [refText, content])).toEqual([
      ['github/instructions/', '"Read me."'],
      ['github/prompt/p', '{"name":"p"}'],
      ['github/provenance/', '{"command":"node","type":"stdio"}'],
      ['github/resource-template/x%3A%2F%2F%7Bn%7D', '{"name":"t","uriTemplate":"x://{n}"}'],
      ['github/resource/x%3A%2F%2F1', '{"name":"r","uri":"x://1"}'],
      ['github/server/', '{"capabilities":{},"protocolVersion":"2025-11-25","serverInfo":{"name":"s"}}'],
      ['github/tool/a', '{"name":"a"}'],
      ['github/tool/b', '{"name":"b"}'],
    ]);
  });

  test('order of tools, order of members and whitespace do not matter', () => {
    const one = snapshotOfTools('{"name":"a","inputSchema":{"type":"object","required":[]}}', '{"name":"b"}');
    const other = snapshotOfTools('{ "name" : "b" }', '{"inputSchema":{"required":[ ],"type":"object"},\n"name":"a"}');
    expect(other.digest).toBe(one.digest);
    expect(other.setHashes).toEqual(one.setHashes);
  });

  test('every byte of a definition matters', () => {
    const base = '{"name":"a","description":"x","inputSchema":{"type":"object","required":["p","q"]},"n":1}';
    const digests = [
      base,
      base.replace('"x"', '"x "'),
      base.replace('"x"', '"x\\u200b"'),
      base.replace('["p","q"]', '["q","p"]'),
      base.replace('"n":1', '"n":1.5'),
      base.replace('"n":1', '"n":"1"'),
      base.replace('"n":1', '"n":1,"unknown":null'),
      base.replace('"type":"object"', '"type":"object","additionalProperties":false'),
    ].map((text) => snapshotOfTools(text).digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('a fingerprint is over the whole object as sent', () => {
    const [tool] = definitionsOf(snapshotOfTools('{"name":"ping"}'), 'tool');
    expect(tool).toMatchObject({
      version: 'v1:sha256:3f1b5ce7170804143ea6c840825f11e1fce1aed30dba5b7f0d83220f84066889',
      rawFingerprint: 'v1:sha256:3f1b5ce7170804143ea6c840825f11e1fce1aed30dba5b7f0d83220f84066889',
      flaws: [],
      masked: [],
    });
  });
});

describe('the facts about a server', () => {
  test('its info stands in _meta since 2026-07-28, and the revision is the negotiated one', () => {
    const handshake =
      '{"supportedVersions":["2026-07-28"],"capabilities":{},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}';
    const snapshot = snapshotOf(observe({ handshake, protocolVersion: '2026-07-28' }));
    expect(definitionsOf(snapshot, 'server')[0]?.value).toEqual({
      supportedVersions: ['2026-07-28'],
      capabilities: {},
      protocolVersion: '2026-07-28',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's' } },
    });
  });

  test('nothing that it says is left out: a decoy in one place hides no change in another', () => {
    const decoy =
      '{"protocolVersion":"2025-11-25","serverInfo":{"name":"s"},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"NAME"}}}';
    const versions = ['real', 'other'].map((name) => {
      const snapshot = snapshotOf(observe({ handshake: decoy.replace('NAME', name) }));
      return definitionsOf(snapshot, 'server')[0]?.version;
    });
    expect(new Set(versions).size).toBe(2);
  });

  test('a revision that it only claims does not hide the negotiated one', () => {
    const handshake = '{"protocolVersion":"2026-07-28"}';
    const snapshot = snapshotOf(observe({ handshake, protocolVersion: '2025-11-25' }));
    expect(definitionsOf(snapshot, 'server')[0]?.content).toBe(
      '{"claimedProtocolVersion":"2026-07-28","protocolVersion":"2025-11-25"}',
    );
  });

  test('what is absent is left out', () => {
    const snapshot = snapshotOf(observe({ handshake: '{}' }));
    expect(definitionsOf(snapshot, 'server')[0]?.content).toBe('{"protocolVersion":"2025-11-25"}');
  });

  test('a flaw in it makes it malformed and hides nothing else', () => {
    const snapshot = snapshotOf(
      observe({ handshake: '{"serverInfo":{"name":"a","name":"b"}}', pages: [tools(`[${NAMED}]`)] }),
    );
    expect(definitionsOf(snapshot, 'server')[0]).toMatchObject({
      version: expect.stringMatching(/^malformed:/) as unknown,
      flaws: [{ code: 'REPEATED_MEMBER', pointer: '/serverInfo/name' }],
    });
    expect(definitionsOf(snapshot, 'tool')[0]?.flaws).toEqual([]);
  });
});

describe('instructions', () => {
  const instructed = (instructions: string) => {
    const snapshot = snapshotOf(observe({ handshake: `{"instructions":${instructions}}` }));
    return definitionsOf(snapshot, 'instructions')[0];
  };

  test('go by the hash of their raw text', () => {
    expect(instructed('"Use the weather tool for forecasts."')?.version).toBe(
      'v1:sha256:59b91e0aff7e5e13f5c7eb890497066a703efae55ff61eee2151081704b8ff64',
    );
  });

  test.each(['null', '""'])('%s', (text) => {
    expect(instructed(text)?.content).toBe(text === 'null' ? undefined : '""');
  });

  test('that differ only in an unpaired surrogate, which UTF-8 does not have, are two versions', () => {
    const versions = ['"\\ud800"', '"\\udfff"', '"\\ufffd"'].map((text) => instructed(text)?.version);
    expect(new Set(versions).size).toBe(3);
  });

  test.each(['7', '["x"]', '{}', 'false'])('%s are an error', (text) => {
    expect(() => instructed(text)).toThrow(expect.objectContaining({ code: 'OBSERVE_SHAPE' }));
  });
});

describe('a malformed definition is in it, held, and the others are intact', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

  test.each([
    [
      'REPEATED_MEMBER',
      '/inputSchema/type',
      '{"name":"b","inputSchema":{"type":"object","type":"string"}}',
      'github/tool/b',
    ],
    ['TOO_DEEP', `/x${'/0'.repeat(63)}`, `{"name":"b","x":${deep}}`, 'github/tool/b'],
    ['NUMBER_RANGE', '/x', '{"name":"b","x":1e999}', 'github/tool/b'],
    ['OVERSIZE', '', `{"name":"b","x":"${'é'.repeat(524_300)}"}`, 'github/tool/b'],
    ['NOT_AN_OBJECT', '', '"b"', 'github/tool/#1'],
    ['NOT_AN_OBJECT', '', 'null', 'github/tool/#1'],
    ['NOT_AN_OBJECT', '', '[]', 'github/tool/#1'],
    ['NO_NAME', '', '{"description":"b"}', 'github/tool/#1'],
    ['NO_NAME', '', '{"name":7}', 'github/tool/#1'],
  ])('%s at "%s"', (code, pointer, text, refText) => {
    const snapshot = snapshotOfTools(NAMED, text, '{"name":"c"}');
    const found = definitionsOf(snapshot, 'tool').filter(({ flaws }) => flaws.length > 0);
    expect(found).toMatchObject([{ refText, rawFingerprint: undefined, flaws: [{ code, pointer }] }]);
    expect(found[0]?.version).toMatch(/^malformed:sha256:[0-9a-f]{64}$/);
    expect(found[0]?.content).toBe(text.slice(0, 1024 * 1024));
    expect(definitionsOf(snapshot, 'tool')).toHaveLength(3);
    expect(snapshot.setHashes.tools === undefined).toBe(true);
  });

  test('two of one name are both in it, and both malformed', () => {
    const snapshot = snapshotOfTools(
      '{"name":"a","description":"1"}',
      '{"name":"b"}',
      '{"name":"a","description":"2"}',
    );
    const found = definitionsOf(snapshot, 'tool');
    expect(found.map(({ refText, flaws }) => [refText, flaws.map(({ code }) => code)])).toEqual([
      ['github/tool/a', ['DUPLICATE_NAME']],
      ['github/tool/a', ['DUPLICATE_NAME']],
      ['github/tool/b', []],
    ]);
    expect(found[0]?.value).toBeDefined();
    expect(snapshot.setHashes.tools).toMatch(/^[0-9a-f]{64}$/);
  });

  test('two of one name on two pages are found too, and a tool and a prompt of one name are none', () => {
    const prompt = { method: 'prompts/list', result: '{"prompts":[{"name":"a"}]}' } as const;
    const flawed = snapshotOf(observe({ pages: [tools(`[${NAMED}]`), tools('[{"name":"a"}]')] }));
    const fine = snapshotOf(observe({ pages: [tools(`[${NAMED}]`), prompt] }));
    expect(definitionsOf(flawed, 'tool').map(({ flaws }) => flaws[0]?.code)).toEqual([
      'DUPLICATE_NAME',
      'DUPLICATE_NAME',
    ]);
    expect(fine.definitions.flatMap(({ flaws }) => flaws)).toEqual([]);
  });

  test('a definition of exactly the allowed depth is fine', () => {
    const text = `{"name":"b","x":${'['.repeat(63)}${']'.repeat(63)}}`;
    expect(definitionsOf(snapshotOfTools(text), 'tool')[0]?.flaws).toEqual([]);
    expect(definitionsOf(snapshotOfTools(text.replace('[]', '[[]]')), 'tool')[0]?.flaws).toMatchObject([
      { code: 'TOO_DEEP' },
    ]);
  });
});

describe('numbers beyond a double', () => {
  const versionOf = (text: string) => definitionsOf(snapshotOfTools(text), 'tool')[0];

  test('are told apart by their digits, though their doubles are equal', () => {
    const one = versionOf('{"name":"n","max":12345678901234567890,"min":0}');
    const other = versionOf('{"name":"n","max":12345678901234567891,"min":0}');
    const reordered = versionOf('{"min":0,"max":12345678901234567890,"name":"n"}');
    expect(one?.rawFingerprint).toBe(other?.rawFingerprint);
    expect(one?.version).toMatch(/^v1:sha256:[0-9a-f]{64}\+numbers:[0-9a-f]{64}$/);
    expect(other?.version).not.toBe(one?.version);
    expect(reordered?.version).toBe(one?.version);
    expect(one?.inexactNumbers).toEqual(['/max']);
  });
});

describe('what is wrong outside of all definitions is an error', () => {
  test.each([
    ['OBSERVE_SHAPE', '[]'],
    ['OBSERVE_SHAPE', 'null'],
    ['OBSERVE_SHAPE', '{}'],
    ['OBSERVE_SHAPE', '{"tools":{}}'],
    ['OBSERVE_SHAPE', '{"__proto__":{"tools":[]}}'],
    ['JSON_SYNTAX', '{"tools":[}'],
    ['JSON_SYNTAX', ''],
    ['JSON_REPEATED_MEMBER', `{"tools":[],"tools":[${NAMED}]}`],
    ['JSON_REPEATED_MEMBER', '{"tools":[],"nextCursor":"1","nextCursor":"2"}'],
    ['JSON_TOO_DEEP', `{"tools":[],"_meta":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['JSON_NUMBER_RANGE', '{"tools":[],"ttlMs":1e999}'],
  ])('%s: %s', (code, result) => {
    const observation = observe({ pages: [{ method: 'tools/list', result }] });
    expect(() => snapshotOf(observation)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['OBSERVE_SHAPE', '"x"'],
    ['JSON_REPEATED_MEMBER', '{"serverInfo":{},"serverInfo":{}}'],
    ['JSON_REPEATED_MEMBER', '{"instructions":"a","instructions":"b"}'],
  ])('%s in the handshake: %s', (code, handshake) => {
    expect(() => snapshotOf(observe({ handshake }))).toThrow(expect.objectContaining({ code }));
  });
});
