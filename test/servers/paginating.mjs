// An honest server whose tools come in pages, and all else in one.
//
//   node paginating.mjs COUNT SIZE
import { errorText, initializeResult, readLines, resultText, writeLine } from './json-rpc.mjs';

const [count, size] = process.argv.slice(2).map(Number);
const tools = Array.from({ length: count }, (_, n) => ({ name: `tool_${n}`, inputSchema: { type: 'object' } }));

readLines((message) => {
  if (message.id === undefined) return;
  if (message.method === 'initialize') writeLine(resultText(message.id, initializeResult(message, { tools: {} })));
  else if (message.method === 'tools/list')
    writeLine(resultText(message.id, JSON.stringify(pageFrom(Number(message.params?.cursor ?? 0)))));
  else writeLine(errorText(message.id, -32601, 'Method not found'));
});

function pageFrom(start) {
  const next = start + size;
  return { tools: tools.slice(start, next), ...(next < count ? { nextCursor: String(next) } : {}) };
}
