// A server over standard input and output that misbehaves in one way, and is honest otherwise.
//
//   node hostile.mjs BEHAVIOUR
import { errorText, initializeResult, readLines, resultText, writeLine } from './json-rpc.mjs';

const [name] = process.argv.slice(2);

const TOOL = '{"name":"get_weather","description":"Returns the weather.","inputSchema":{"type":"object"}}';
const MEGABYTE = 'x'.repeat(1024 * 1024);

const listed = (tools, more = '') => `{"tools":[${tools.join(',')}]${more}}`;
const notification = (method) => writeLine(JSON.stringify({ jsonrpc: '2.0', method }));
const honest = (message) => writeLine(resultText(message.id, listed([TOOL])));
const lists = (result) => ({ list: (message) => writeLine(resultText(message.id, result)) });
const offers = (tool) => lists(listed([TOOL, tool]));
const answers = (text) => ({ list: (message) => writeLine(text.replace('ID', message.id)) });
const nested = (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const page = (message, tools, cursor) =>
  writeLine(
    resultText(message.id, listed(tools, cursor === undefined ? '' : `,"nextCursor":${JSON.stringify(cursor)}`)),
  );

let count = 0;

/** Writes as much as is asked for, as fast as it is taken. */
async function pour(megabytes) {
  for (let written = 0; written < megabytes; written++) {
    if (!process.stdout.write(MEGABYTE)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

const BEHAVIOURS = {
  honest: {},
  // starting and ending
  'dies at once': { start: () => exit(3, 'cannot read /etc/token\n\u001b[31mfatal\u001b[0m') },
  'is killed at once': { start: () => process.kill(process.pid, 'SIGKILL') },
  'dies while listing': { list: () => exit(7, 'boom') },
  'prints and exits': {
    start: () => {
      writeLine('usage: server [options]');
      exit(0, '');
    },
  },
  'closes its output': {
    list: () => {
      process.stdout.end();
      setInterval(() => {}, 1_000);
    },
  },
  'ignores SIGTERM': {
    start: () => {
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 1_000);
    },
    staysOpen: true,
  },
  'writes much to standard error': {
    list: (message) => {
      process.stderr.write('e'.repeat(3_000_000), () => honest(message));
    },
  },
  // what is no message
  'prints only garbage': { start: () => writeLine('Server listening on stdio'), initialize: () => writeLine('what?') },
  'prints garbage and answers': {
    start: () => writeLine('[INFO] ready \u001b[2J'),
    list: (message) => {
      writeLine('{"level":30,"msg":"list"}');
      writeLine('42');
      honest(message);
    },
  },
  'answers half a line': {
    list: (message) => process.stdout.write(resultText(message.id, listed([TOOL])).slice(0, 60)),
  },
  'answers half a message': { list: (message) => writeLine(resultText(message.id, listed([TOOL])).slice(0, 60)) },
  'sends a byte order mark': { list: (message) => writeLine(`\ufeff${resultText(message.id, listed([TOOL]))}`) },
  'sends bytes that are not UTF-8': {
    list: (message) =>
      process.stdout.write(
        Buffer.from(`${resultText(message.id, listed([TOOL.replace('weather.', '\xff')]))}\n`, 'latin1'),
      ),
  },
  'sends NaN': offers('{"name":"a","x":NaN}'),
  'sends a bad escape': offers('{"name":"a\\x"}'),
  'sends a control character in a string': offers('{"name":"a\u0001"}'),
  // never
  'never answers initialize': { initialize: () => {} },
  'never answers a list': { list: () => {} },
  // the envelope
  'repeats the id': answers(`{"jsonrpc":"2.0","id":ID,"id":99,"result":${listed([TOOL])}}`),
  'repeats the result': answers(`{"jsonrpc":"2.0","id":ID,"result":${listed([TOOL])},"result":${listed([])}}`),
  'repeats the result with an escaped name': answers(
    `{"jsonrpc":"2.0","id":ID,"result":${listed([TOOL])},"\\u0072esult":${listed([])}}`,
  ),
  'answers with a result and an error': answers(
    `{"jsonrpc":"2.0","id":ID,"result":${listed([TOOL])},"error":{"code":1,"message":""}}`,
  ),
  'answers with neither': answers('{"jsonrpc":"2.0","id":ID}'),
  'answers without a version': answers(`{"id":ID,"result":${listed([TOOL])}}`),
  'answers with the id as a string': answers(`{"jsonrpc":"2.0","id":"ID","result":${listed([TOOL])}}`),
  'answers with another id': answers(`{"jsonrpc":"2.0","id":1ID,"result":${listed([TOOL])}}`),
  'answers with null': lists('null'),
  'answers twice': {
    list: (message) => {
      honest(message);
      writeLine(resultText(message.id, listed([])));
    },
  },
  'answers in a batch': { list: (message) => writeLine(`[${resultText(message.id, listed([TOOL]))}]`) },
  'answers what was never asked': {
    list: (message) => {
      writeLine(resultText(4711, listed([])));
      writeLine(resultText(null, '{}'));
      honest(message);
    },
  },
  // errors
  'refuses initialize': { initialize: (message) => writeLine(errorText(message.id, -32000, 'go away\u001b[2J')) },
  'refuses to list': { list: (message) => writeLine(errorText(message.id, -32603, 'database is down')) },
  'has no tools/list, which it announces': {
    list: (message) => writeLine(errorText(message.id, -32601, 'Method not found')),
  },
  'has no prompts/list, which it announces': { capabilities: { tools: {}, prompts: {} } },
  'has no resources/list, which it announces': { capabilities: { tools: {}, resources: {} } },
  'announces nothing but has tools': { capabilities: {} },
  // revisions
  'speaks an unknown revision': { handshake: { protocolVersion: '2099-01-01' } },
  'speaks no revision': { handshake: { protocolVersion: 7 } },
  'speaks only an unknown modern revision': {
    initialize: (message) =>
      writeLine(
        JSON.stringify({
          jsonrpc: '2.0',
          id: message.id,
          error: { code: -32022, message: 'unsupported', data: { supported: ['2099-01-01'] } },
        }),
      ),
  },
  'says no name of its own': { handshake: { serverInfo: undefined } },
  'gives instructions that are no text': { handshake: { instructions: ['obey'] } },
  // pages
  'pages for ever': { list: (message) => page(message, [TOOL.replace('weather', String(count))], `c${count++}`) },
  'gives one cursor again and again': { list: (message) => page(message, [], 'again') },
  'gives a cursor that is a number': { list: (message) => page(message, [TOOL], 7) },
  'hides a page behind an empty cursor': {
    list: (message) => (message.params.cursor === '' ? page(message, ['{"nameless":1}']) : page(message, [TOOL], '')),
  },
  'gives an empty cursor': { list: (message) => page(message, [TOOL], '') },
  'repeats the cursor': lists(listed([TOOL], ',"nextCursor":"a","nextCursor":"b"')),
  'changes between two pages': {
    list: (message) =>
      page(
        message,
        [TOOL.replace('get_weather', `tool_${count++}`)],
        message.params.cursor === undefined ? 'next' : undefined,
      ),
  },
  'changes once between two pages': {
    list: (message) =>
      page(
        message,
        [TOOL.replace('get_weather', `tool_${message.params.cursor}_${count++ > 2}`)],
        message.params.cursor === undefined ? 'next' : undefined,
      ),
  },
  'gives other cursors each time': {
    list: (message) =>
      page(
        message,
        [TOOL.replace('get_weather', message.params.cursor === undefined ? 'first' : 'second')],
        message.params.cursor === undefined ? `c${count++}` : undefined,
      ),
  },
  'announces a change during every listing': {
    list: (message) => {
      notification('notifications/tools/list_changed');
      honest(message);
    },
  },
  'announces a change during the first listing': {
    list: (message) => {
      if (count++ === 0) notification('notifications/prompts/list_changed');
      honest(message);
    },
  },
  // too much
  'sends 100 MB in a line': {
    list: async (message) => {
      process.stdout.write(`{"jsonrpc":"2.0","id":${message.id},"result":{"tools":["`);
      await pour(100);
      writeLine('"]}}');
    },
  },
  'sends 100 MB without a line end': { start: () => pour(100) },
  'sends 100 MB of garbage lines': {
    list: async (message) => {
      for (let n = 0; n < 100; n++) {
        await pour(1);
        writeLine('');
      }
      honest(message);
    },
  },
  'floods with notifications': {
    list: async () => {
      for (;;) {
        for (let n = 0; n < 100; n++) notification('notifications/message');
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  'sends a notification of 2 MB': {
    list: (message) => {
      writeLine(
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { data: MEGABYTE + MEGABYTE } }),
      );
      honest(message);
    },
  },
  'asks a thousand times': {
    list: (message) => {
      for (let id = 0; id < 1_000; id++)
        writeLine(
          JSON.stringify({
            jsonrpc: '2.0',
            id: `q${id}`,
            method: id % 2 ? 'ping' : 'sampling/createMessage',
            params: {},
          }),
        );
      honest(message);
    },
  },
  'lists 100 tools of 20 KB': lists(
    listed(Array.from({ length: 100 }, (_, n) => `{"name":"t${n}","description":"${'d'.repeat(20_000)}"}`)),
  ),
  'lists 5,000 tools': lists(listed(Array.from({ length: 5_000 }, (_, n) => `{"name":"t${n}"}`))),
  'nests 100,000 deep in a tool': offers(`{"name":"deep","inputSchema":${nested(100_000)}}`),
  'nests 100,000 deep beside the tools': lists(listed([TOOL], `,"_meta":${nested(100_000)}`)),
  'opens a million brackets': answers('['.repeat(1_000_000) + '"jsonrpc"'),
  'sends a tool of 300 KB': offers(`{"name":"large","description":"${'d'.repeat(300_000)}"}`),
  'repeats a member in a tool 100,000 times': offers(`{"name":"a",${'"x":1,'.repeat(100_000)}"y":2}`),
  // definitions
  'has two tools of one name': offers(TOOL.replace('Returns', 'Steals')),
  'has a tool without a name': offers('{"description":"nameless"}'),
  'has a tool whose name is a number': offers('{"name":7}'),
  'has a tool that is no object': offers('"get_weather"'),
  'has tools that are no array': lists('{"tools":{"0":{"name":"a"}}}'),
  'repeats a member in a tool': offers('{"name":"a","description":"good","description":"bad"}'),
  'repeats a nested member': offers(
    '{"name":"a","inputSchema":{"properties":{"x":{"type":"string","type":"number"}}}}',
  ),
  'repeats the tools': lists(`{"tools":[${TOOL}],"tools":[]}`),
  'repeats the tools with an escaped name': lists(`{"tools":[${TOOL}],"t\\u006fols":[]}`),
  'has a number beyond a double': offers('{"name":"a","x":1e999}'),
  'has a lone surrogate': offers('{"name":"a\\ud800","description":"\\udfff"}'),
  'has a member __proto__': offers('{"name":"a","__proto__":{"name":"b"},"constructor":1}'),
};

const behaviour = BEHAVIOURS[name];
if (behaviour === undefined) exit(64, `no behaviour ${name}`);

if (behaviour.staysOpen !== true) process.stdin.on('end', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
behaviour.start?.();
readLines((message) => {
  if (message.id === undefined || message.method === undefined) return;
  if (message.method === 'initialize') (behaviour.initialize ?? initialize)(message);
  else if (message.method === 'tools/list') (behaviour.list ?? honest)(message);
  else writeLine(errorText(message.id, -32601, 'Method not found'));
});

function initialize(message) {
  writeLine(
    resultText(message.id, initializeResult(message, behaviour.capabilities ?? { tools: {} }, behaviour.handshake)),
  );
}

function exit(code, stderr) {
  process.stderr.write(stderr, () => process.exit(code));
}
