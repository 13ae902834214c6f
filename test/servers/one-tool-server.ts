/** Returns the program of a server of one tool, without a dependency; `first` runs before it answers anything. */
export function serverOf(tool: object, first = ''): string {
  return `${first}
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'weather', version: '1' } }),
  'tools/list': () => ({ tools: [${JSON.stringify(tool)}] }),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const end = answer ? { result: answer(params) } : { error: { code: -32601, message: 'no' } };
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...end }));
}).on('close', () => process.exit(0));
`;
}
