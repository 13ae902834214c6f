import { describe, expect, test } from 'vitest';
import { formatRef, parseRef, shortRef } from '../../src/integrity/definition-ref.js';
import { parseServerId } from '../../src/model/server-id.js';

const server = parseServerId('github');

describe('a reference and its text', () => {
  test.each([
    ['tool', 'create_issue', 'github/tool/create_issue', 'github/create_issue'],
    ['tool', 'a/b', 'github/tool/a%2Fb', 'github/tool/a%2Fb'],
    ['tool', '#3', 'github/tool/%233', 'github/#3'],
    ['tool', '100%', 'github/tool/100%25', 'github/100%'],
    ['tool', "it's!(*)", 'github/tool/it%27s%21%28%2A%29', "github/it's!(*)"],
    ['tool', 'two words', 'github/tool/two%20words', 'github/tool/two%20words'],
    ['tool', '', 'github/tool/', 'github/tool/'],
    ['tool', 'prompt', 'github/tool/prompt', 'github/prompt'],
    ['tool', 'wеather', 'github/tool/w%D0%B5ather', 'github/tool/w%D0%B5ather'],
    ['tool', '\ud83d\ude00', 'github/tool/%F0%9F%98%80', 'github/tool/%F0%9F%98%80'],
    ['tool', 'x\ud800y\udfff', 'github/tool/x%ED%A0%80y%ED%BF%BF', 'github/tool/x%ED%A0%80y%ED%BF%BF'],
    ['tool', '\n\u0000', 'github/tool/%0A%00', 'github/tool/%0A%00'],
    ['prompt', 'review', 'github/prompt/review', 'github/prompt/review'],
    [
      'resource',
      'file:///etc/motd',
      'github/resource/file%3A%2F%2F%2Fetc%2Fmotd',
      'github/resource/file%3A%2F%2F%2Fetc%2Fmotd',
    ],
    [
      'resource-template',
      'x://{a}',
      'github/resource-template/x%3A%2F%2F%7Ba%7D',
      'github/resource-template/x%3A%2F%2F%7Ba%7D',
    ],
    ['instructions', '', 'github/instructions/', 'github/instructions/'],
    ['provenance', '', 'github/provenance/', 'github/provenance/'],
  ] as const)('%s %j', (kind, name, full, short) => {
    expect(formatRef({ server, kind, name })).toBe(full);
    expect(shortRef(full)).toBe(short);
    expect(parseRef(full)).toEqual({ server, kind, name });
    expect(parseRef(short)).toEqual({ server, kind, name });
  });

  test('a definition without a name goes by its position', () => {
    const ref = { server, kind: 'tool', name: '', position: 3 } as const;
    expect(formatRef(ref)).toBe('github/tool/#3');
    expect(shortRef('github/tool/#3')).toBe('github/tool/#3');
    expect(parseRef('github/tool/#3')).toEqual(ref);
  });

  test('a URI may be typed as it is', () => {
    expect(parseRef('github/resource/file:///a b').name).toBe('file:///a b');
  });

  test.each([
    ...['', 'github', 'github/', '/tool/x', 'GitHub/tool/x', 'github/gadget/x', 'github/tool/%', 'github/tool/%zz'],
    ...['github/tool/%ff', 'github/tool/#', 'github/tool/#-1', 'github/tool/#03', 'github/tool/%C0%AF'],
  ])('%j is none', (text) => {
    expect(() => parseRef(text)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }));
  });
});
