import { createInterface } from 'node:readline';
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

test('what a server says of its own accord does not pile up before a client that does not read; answers are kept', async () => {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const client = new StdioClient(stdout);
  const said = `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${'x'.repeat(8 * 1024 * 1024)}"}}`;
  for (let count = 0; count < 20; count += 1) {
    client.send(said);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.reply(1, '{"jsonrpc":"2.0","id":1,"result":{}}');
  client.announce('tools');
  await new Promise((resolve) => setImmediate(resolve));
  stdout.end();
  const lines: string[] = [];
  for await (const line of createInterface({ input: stdout })) lines.push(line.slice(0, 50));
  // 64 MB, and what stood in the pipe already.
  expect(lines.length).toBeLessThan(14);
  expect(lines.slice(-2)).toEqual([
    '{"jsonrpc":"2.0","id":1,"result":{}}',
    '{"jsonrpc":"2.0","method":"notifications/tools/lis',
  ]);
});
