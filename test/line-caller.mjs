import { createInterface } from 'node:readline';

/** Returns what asks a process over its pipes, one message a line, and resolves with the text of the answer. */
export function lineCaller(child) {
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const id = Number(/"id":(\d+)/.exec(text)?.[1]);
    waiting.get(id)?.(text);
    waiting.delete(id);
  });
  let last = 0;
  return (method, params) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: last, method, params })}\n`);
    });
}
