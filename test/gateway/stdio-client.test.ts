import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { StdioClient } from '../../src/gateway/stdio-client.js';

test.each(['\n', '\r', '\r\n', '\n\n'])('a message with %j between its tokens is one line', async (lineBreak) => {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const client = new StdioClient(stdout);
  const inner = '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}';
  client.send(`{"jsonrpc":"2.0","method":"notifications/message","params":{"data":${lineBreak}${inner}${lineBreak}}}`);
  client.reply(1, `{"jsonrpc":"2.0","id":1,${lineBreak}"result":{}}`);
  await new Promise((resolve) => setImmediate(resolve));
  const lines = String(stdout.read()).split(/\r|\n/);
  expect(lines).toHaveLength(3);
  expect(lines.map((line) => (line === '' ? '' : (JSON.parse(line) as { id?: number }).id))).toEqual([
    undefined,
    1,
    '',
  ]);
});
