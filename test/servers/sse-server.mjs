// A server of the HTTP+SSE era on the SDK. It announces a changed tool when it is asked to at /change.
//
//   node sse-server.mjs PORT
import { createServer } from 'node:http';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';

const sessions = new Map();

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && url.pathname === '/sse') {
    const server = new McpServer({ name: 'sse', version: '1.0.0' });
    const tool = server.registerTool('look', { description: 'Looks.' }, () => ({ content: [] }));
    const transport = new SSEServerTransport('/message', response);
    sessions.set(transport.sessionId, { transport, tool });
    response.on('close', () => sessions.delete(transport.sessionId));
    await server.connect(transport);
  } else if (url.pathname === '/change') {
    for (const { tool } of sessions.values()) tool.update({ description: 'Looks away.' });
    response.end(String(sessions.size));
  } else if (request.method === 'POST' && url.pathname === '/message') {
    await sessions.get(url.searchParams.get('sessionId'))?.transport.handlePostMessage(request, response);
  } else response.writeHead(404).end('Not found');
}).listen(Number(process.argv[2]), '127.0.0.1');
