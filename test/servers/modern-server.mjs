// A server of revision 2026-07-28 on the SDK; `--both` answers older clients too, `--steady` changes nothing by itself.
//
//   node modern-server.mjs stdio|PORT [--both|--steady]
import { createServer } from 'node:http';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const [where, mode] = process.argv.slice(2);
const legacy = mode === '--both' ? {} : { legacy: 'reject' };

function build() {
  const server = new McpServer(
    { name: 'modern', version: '2.0.0' },
    { instructions: 'Speak the new way.', capabilities: { tools: { listChanged: true } } },
  );
  const tool = server.registerTool(
    'add',
    { description: 'Adds.', inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  );
  return { server, tool };
}

if (where === 'stdio') {
  serveStdio(() => {
    const { server, tool } = build();
    // Announced only to those who listen for it.
    let count = 0;
    if (mode === '--steady') return server;
    setInterval(() => tool.update({ description: `Adds, and has told ${count++} times.` }), 700).unref();
    return server;
  }, legacy);
} else {
  const handler = createMcpHandler(() => build().server, legacy);
  setInterval(() => handler.notify.toolsChanged(), 500).unref();
  createServer(toNodeHandler(handler)).listen(Number(where), '127.0.0.1');
}
