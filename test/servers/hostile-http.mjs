// A Streamable HTTP server that misbehaves in one way, and is honest otherwise.
//
//   node hostile-http.mjs BEHAVIOUR PORT
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { gzipSync } from 'node:zlib';

import { initializeResult, resultText } from './json-rpc.mjs';

const [name, port] = process.argv.slice(2);

const TOOLS = '{"tools":[{"name":"get_weather","inputSchema":{"type":"object"}}]}';
const listing = (message) => resultText(message.id, TOOLS);

const json = (response, text, headers = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text);
const status = (code, text = '', headers = {}) => ({
  all: (_, response) => response.writeHead(code, headers).end(text),
});
const stream = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const list = (answer) => ({ list: answer });

const BEHAVIOURS = {
  honest: {},
  'honest over an event stream': list((message, response) =>
    stream(response).end(`: hello\n\nevent: message\ndata: ${listing(message)}\n\n`),
  ),
  'breaks lines with carriage returns': list((message, response) =>
    stream(response).end(
      `event: message\r\ndata: ${listing(message).slice(0, 17)}\r\ndata: ${listing(message).slice(17)}\r\n\r\n`,
    ),
  ),
  'answers with a page': status(200, '<html>Sign in\u001b[2J</html>', { 'content-type': 'text/html' }),
  'answers 401': status(401, 'token expired', { 'www-authenticate': 'Bearer' }),
  'answers 403': status(403, 'no'),
  'answers 404': status(404, 'Cannot POST /mcp'),
  'answers 500': status(500, 'stack\ntrace'),
  'answers 404 to the list': list((_, response) =>
    response.writeHead(404).end('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}'),
  ),
  'answers an error with status 400': list((message, response) =>
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32603, message: 'broken' } })),
  ),
  'redirects to another origin': status(307, '', { location: 'http://127.0.0.2:9/mcp?token=1' }),
  'redirects the list to another origin': list((_, response) =>
    response.writeHead(308, { location: 'https://evil.example/mcp' }).end(),
  ),
  'redirects to itself for ever': status(307, '', { location: '/mcp' }),
  'redirects with 302': status(302, '', { location: '/other' }),
  'redirects once within its origin': {
    all: (message, response, request) =>
      request.url === '/mcp' ? response.writeHead(307, { location: '/moved' }).end() : honest(message, response),
  },
  'redirects the stream to another origin': {
    get: (response) => response.writeHead(302, { location: 'http://127.0.0.2:9/' }).end(),
  },
  'drips for ever': list((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    setInterval(() => response.write(' '), 20);
  }),
  'drips comments for ever': list((_, response) => {
    stream(response);
    setInterval(() => response.write(': wait\n\n'), 20);
  }),
  'never answers': { all: () => {} },
  'accepts and never answers': list((_, response) => response.writeHead(202).end()),
  'promises more than it sends': list((message, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100000' });
    response.write(listing(message));
    response.socket.end();
  }),
  'breaks off in the middle': list((message, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(listing(message).slice(0, 20), () => response.socket.destroy());
  }),
  'breaks off an event': list((message, response) => {
    stream(response).write(`data: ${listing(message).slice(0, 20)}`, () => response.socket.destroy());
  }),
  'ends the stream without an answer': list((_, response) => stream(response).end(': bye\n\n')),
  'sends half a message': list((message, response) => json(response, listing(message).slice(0, 20))),
  'sends an event that is no JSON': list((_, response) => stream(response).end('data: hello\n\n')),
  'sends bytes that are not UTF-8': list((message, response) =>
    json(response, Buffer.from(listing(message).replace('get_', '\xff'), 'latin1')),
  ),
  'sends an event that is not UTF-8': list((message, response) =>
    stream(response).end(Buffer.from(`data: ${listing(message).replace('get_', '\xff')}\n\n`, 'latin1')),
  ),
  'sends a compressed bomb': list((_, response) =>
    json(response, gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20)), { 'content-encoding': 'gzip' }),
  ),
  'sends an event without end': list((_, response) => pour(stream(response), 'data: ')),
  'sends lines of one event without end': list((_, response) => pour(stream(response), 'data: x\n'.repeat(8_000))),
  'sends events without end': list((_, response) =>
    pour(stream(response), 'data: {"jsonrpc":"2.0","method":"notifications/message"}\n\n'.repeat(1_000)),
  ),
  'sends a compressed bomb as an error': {
    all: (_, response) =>
      response.writeHead(500, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x20))),
  },
  'sends headers without end': list((_, response) => response.writeHead(200, { 'x-long': 'h'.repeat(60_000) }).end()),
  'repeats the result': list((message, response) =>
    json(response, `{"jsonrpc":"2.0","id":${message.id},"result":${TOOLS},"result":{"tools":[]}}`),
  ),
  'never takes the farewell': {
    all: (message, response, request) => (request.method === 'DELETE' ? undefined : honest(message, response)),
  },
  'names an endpoint of another origin': {
    all: (_, response, request) =>
      request.method === 'POST'
        ? response.writeHead(405).end()
        : stream(response).write('event: endpoint\ndata: http://127.0.0.2:9/message\n\n'),
  },
  'names no endpoint': {
    all: (_, response, request) =>
      request.method === 'POST' ? response.writeHead(405).end() : stream(response).write(': hello\n\n'),
  },
  'ends the event stream of HTTP+SSE': {
    all: (_, response, request) =>
      request.method === 'POST'
        ? response.writeHead(request.url === '/mcp' ? 405 : 202).end()
        : stream(response).write('event: endpoint\ndata: /message\n\n', () => setTimeout(() => response.end(), 50)),
  },
};

if (name === 'speaks no HTTP')
  createSocketServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n')).listen(
    Number(port),
    '127.0.0.1',
  );
else if (name === 'opens no port') setInterval(() => {}, 1_000);
else if (name === 'dies before the port is open') process.exit(9);
else start(BEHAVIOURS[name] ?? process.exit(64));

function start(behaviour) {
  createServer(async (request, response) => {
    response.on('error', () => {});
    const message = await readMessage(request);
    if (behaviour.all !== undefined) behaviour.all(message, response, request);
    else if (request.method === 'GET' && behaviour.get !== undefined) behaviour.get(response);
    else if (message?.method === 'tools/list' && behaviour.list !== undefined) behaviour.list(message, response);
    else honest(message, response);
  }).listen(Number(port), '127.0.0.1');
}

async function readMessage(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length === 0 ? undefined : JSON.parse(Buffer.concat(parts).toString('utf8'));
}

function honest(message, response) {
  if (message === undefined) response.writeHead(405).end();
  else if (message.id === undefined) response.writeHead(202).end();
  else if (message.method === 'initialize')
    json(response, resultText(message.id, initializeResult(message, { tools: {} })), { 'mcp-session-id': 's1' });
  else json(response, listing(message));
}

function pour(response, text) {
  const write = () => {
    while (response.write(text.repeat(Math.ceil(65_536 / text.length))));
    response.once('drain', write);
  };
  write();
}
