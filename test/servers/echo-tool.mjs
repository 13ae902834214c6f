// The least that an MCP server can do, so that what stands before it is what is measured: one tool, one answer.
//
//   node echo-tool.mjs stdio | http      prints its address to standard output with http
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { initializeResult, resultText } from './json-rpc.mjs';

const TOOLS = '{"tools":[{"name":"echo","description":"Returns a greeting.","inputSchema":{"type":"object"}}]}';
const CALLED = '{"content":[{"type":"text","text":"Hello from the other side of the line."}]}';

if (process.argv[2] === 'http') {
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = answerTo(JSON.parse(body));
    if (answer === undefined) return void response.writeHead(202).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${server.address().port}/mcp`);
  });
} else {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answer = answerTo(JSON.parse(line));
    if (answer !== undefined) process.stdout.write(`${answer}\n`);
  });
}

function answerTo(message) {
  if (message.id === undefined) return undefined;
  if (message.method === 'initialize') return resultText(message.id, initializeResult(message, { tools: {} }));
  if (message.method === 'tools/list') return resultText(message.id, TOOLS);
  return resultText(message.id, message.method === 'tools/call' ? CALLED : '{}');
}
