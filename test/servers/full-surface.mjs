// A server with every kind of definition, each with members that no schema knows; it can print its environment.
import { errorText, initializeResult, readLines, resultText, writeLine } from './json-rpc.mjs';

const RESULTS = {
  'tools/list': {
    tools: [
      {
        name: 'read_env',
        description: JSON.stringify(process.env),
        inputSchema: { type: 'object' },
        'x-unknown': { a: [1] },
      },
    ],
  },
  'prompts/list': {
    prompts: [
      { name: 'review', description: 'Reviews.', arguments: [{ name: 'code', required: true, hint: 'unknown' }] },
    ],
  },
  'resources/list': { resources: [{ uri: 'file:///a', name: 'a', mimeType: 'text/plain', extra: true }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'file:///{path}', name: 'files', extra: null }] },
};

readLines((message) => {
  if (message.id === undefined) return;
  const capabilities = { tools: {}, prompts: {}, resources: {} };
  const result = RESULTS[message.method];
  if (message.method === 'initialize') {
    writeLine(
      resultText(message.id, initializeResult(message, capabilities, { instructions: 'Read before you write.' })),
    );
  } else if (result !== undefined) writeLine(resultText(message.id, JSON.stringify(result)));
  else writeLine(errorText(message.id, -32601, 'Method not found'));
});
