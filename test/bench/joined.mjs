// What stands between a client and a server and looks at nothing: the least that anything between them can cost.
//
//   node joined.mjs pipes SERVER         copies lines both ways
//   node joined.mjs transports SERVER    two transports of the official SDK, with nothing between
//   node joined.mjs http URL             hands on requests and answers; prints its own address
import { spawn } from 'node:child_process';
import { Agent, createServer, request } from 'node:http';
import { createInterface } from 'node:readline';

const [, , how, where] = process.argv;

const WAYS = {
  pipes: () => {
    const child = spawn(process.execPath, [where, 'stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: process.stdin })
      .on('line', (line) => child.stdin.write(`${line}\n`))
      .on('close', () => child.kill());
    createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(`${line}\n`));
  },
  transports: async () => {
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
    const front = new StdioServerTransport();
    const back = new StdioClientTransport({ command: process.execPath, args: [where, 'stdio'] });
    front.onmessage = (message) => void back.send(message);
    back.onmessage = (message) => void front.send(message);
    await back.start();
    await front.start();
    process.stdin.once('end', () => void back.close().then(() => process.exit(0)));
  },
  http: () => {
    const agent = new Agent({ keepAlive: true });
    const server = createServer((from, to) => {
      const { method, headers } = from;
      from.pipe(
        request(where, { method, agent, headers }, (answer) => {
          to.writeHead(answer.statusCode, answer.headers);
          answer.pipe(to);
        }),
      );
    });
    server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
  },
};

await WAYS[how]();
