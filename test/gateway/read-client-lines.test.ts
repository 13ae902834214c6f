import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { readClientLines } from '../../src/gateway/read-client-lines.js';

const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const READ = { kind: 'request', id: 1, method: 'ping', params: {}, bytes: 40 };

async function read(chunks: readonly (string | Uint8Array)[]): Promise<readonly unknown[]> {
  const input = new PassThrough();
  const messages: unknown[] = [];
  await new Promise<void>((onEnd) => {
    readClientLines(input, { onMessage: (message) => messages.push(message), onEnd });
    for (const chunk of chunks) input.write(chunk);
    input.end();
  });
  return messages;
}

test.each<[string, readonly (string | Uint8Array)[], readonly unknown[]]>([
  ['a message a line', [`${PING}\n${PING}\n`], [READ, READ]],
  ['a message in pieces', [PING.slice(0, 9), PING.slice(9), '\n'], [READ]],
  ['line ends of Windows', [`${PING}\r\n`], [{ ...READ, bytes: 41 }]],
  ['empty lines say nothing', [`\n\r\n${PING}\n \n`], [READ]],
  [
    'a character in pieces',
    [Buffer.from(`${PING.slice(0, -1)},"x":"é"}\n`).subarray(0, 46), Buffer.from([0xa9]), '"}\n'],
    [{ ...READ, bytes: 49 }],
  ],
  ['what has no end is no message', [PING], []],
  [
    'bytes that are no text',
    [Buffer.from([0x22, 0xff, 0x22, 0x0a])],
    [{ kind: 'problem', id: null, problem: 'this is not UTF-8' }],
  ],
  ['no JSON', ['hello\n'], [{ kind: 'problem', id: null, problem: 'this is not JSON' }]],
])('%s', async (_, chunks, expected) => {
  expect(await read(chunks)).toEqual(expected);
});

test('a line without an end ends the conversation', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  const input = new PassThrough({ highWaterMark: 100 * chunk.length });
  const messages: unknown[] = [];
  await new Promise<void>((onEnd) => {
    readClientLines(input, { onMessage: (message) => messages.push(message), onEnd });
    for (let count = 0; count < 65; count += 1) input.write(chunk);
  });
  expect(messages).toEqual([{ kind: 'problem', id: null, problem: 'a message is longer than 67108864 bytes' }]);
});
