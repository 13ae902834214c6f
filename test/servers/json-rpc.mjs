// A JSON-RPC loop over standard input and output, small enough to be seen through: answers may be any text.
import { createInterface } from 'node:readline';

/** Writes one line, as it is. */
export function writeLine(text) {
  process.stdout.write(`${text}\n`);
}

/** Calls back with every message that comes in; ends with the input. */
export function readLines(onMessage) {
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line !== '') onMessage(JSON.parse(line));
  });
}

export function resultText(id, resultJson) {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

export function errorText(id, code, message) {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}

export function initializeResult(message, capabilities, more = {}) {
  return JSON.stringify({
    protocolVersion: message.params?.protocolVersion ?? '2025-11-25',
    capabilities,
    serverInfo: { name: 'test-server', version: '1.0.0' },
    ...more,
  });
}
