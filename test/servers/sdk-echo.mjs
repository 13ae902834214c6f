// The same tool as echo-tool.mjs, as the official SDK makes one: Streamable HTTP with sessions, answers as event streams.
//
//   node sdk-echo.mjs      prints its address to standard output
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

const transports = new Map();
const http = createServer((request, response) => {
  void transportFor(request).then((transport) => transport.handleRequest(request, response));
});
http.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${http.address().port}/mcp`);
});

async function transportFor(request) {
  const known = transports.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known;
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
  });
  const server = new McpServer({ name: 'test-server', version: '1.0.0' });
  server.registerTool(
    'echo',
    { description: 'Returns a greeting.', inputSchema: { call: z.number().optional() } },
    ({ call = 0 }) => ({ content: [{ type: 'text', text: `Hello number ${call} from the other side of the line.` }] }),
  );
  await server.connect(transport);
  return transport;
}
