// Serves what stands in a JSON file, read anew for each request, and announces when the file changes.
// The file holds an array of tools, or an object with any of: tools, prompts, resources, resourceTemplates,
// instructions, serverInfo, capabilities. An array is sent as it is written, byte for byte but for line breaks.
//
//   node file-server.mjs FILE
import { readFileSync, watchFile } from 'node:fs';

import { errorText, initializeResult, readLines, resultText, writeLine } from './json-rpc.mjs';

const [file] = process.argv.slice(2);

const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};

readLines((message) => {
  if (message.id === undefined) return;
  const { surface, text } = readSurface();
  const member = LISTS[message.method];
  if (message.method === 'initialize') writeLine(resultText(message.id, handshake(message, surface)));
  else if (message.method === 'ping') writeLine(resultText(message.id, '{}'));
  else if (member === 'tools' && text !== undefined) writeLine(resultText(message.id, `{"tools":${text}}`));
  else if (member !== undefined) writeLine(resultText(message.id, JSON.stringify({ [member]: surface[member] ?? [] })));
  else writeLine(errorText(message.id, -32601, 'Method not found'));
});

// Polled, because a file that is replaced rather than written would escape a watch on its inode.
watchFile(file, { interval: 50 }, () => {
  for (const list of ['tools', 'prompts', 'resources']) {
    writeLine(JSON.stringify({ jsonrpc: '2.0', method: `notifications/${list}/list_changed` }));
  }
});
process.stdin.on('end', () => process.exit(0));

function readSurface() {
  let text;
  try {
    text = readFileSync(file, 'utf8')
      .replaceAll(/[\r\n]/g, ' ')
      .trim();
  } catch {
    text = '[]';
  }
  return text.startsWith('{') ? { surface: JSON.parse(text), text: undefined } : { surface: {}, text };
}

function handshake(message, { instructions, serverInfo, capabilities }) {
  const announced = { listChanged: true };
  return initializeResult(message, capabilities ?? { tools: announced, prompts: announced, resources: announced }, {
    ...(serverInfo === undefined ? {} : { serverInfo }),
    ...(instructions === undefined ? {} : { instructions }),
  });
}
