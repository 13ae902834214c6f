// The least that an MCP server can do, so that what stands before it is what is measured: one tool, which says what it was given.
//
//   node echo-tool.mjs stdio | http      prints its address to standard output with http
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { initializeResult, resultText } from './json-rpc.mjs';

const TOOLS = '{"tools":[{"name":"echo","description":"Returns a greeting.","inputSchema":{"type":"object"}}]}';

if (process.argv[2] === 'http') {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const answer = answerTo(JSON.parse(body));
      if (answer === undefined) return void response.writeHead(202).end();
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    });
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
  return resultText(message.id, message.method === 'tools/call' ? called(message) : '{}');
}

/** Each answer is another text, so that nobody can have read it before. */
function called({ params }) {
  const text = `Hello number ${params.arguments?.call ?? 0} from the other side of the line.`;
  return JSON.stringify({ content: [{ type: 'text', text }] });
}
