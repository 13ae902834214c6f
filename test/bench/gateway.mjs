// What the gateway adds to a call of a trivial tool: the programs as a user starts them, beside the same server without them.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const ECHO = join(import.meta.dirname, '..', 'servers', 'echo-tool.mjs');
const CALLS = 3_000;
const CALLERS = 32;
const ROUNDS = 3;

/** Copies lines both ways and looks at none: two transports joined with nothing between. */
const JOINED = `
const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const child = spawn(process.execPath, [${JSON.stringify(ECHO)}, 'stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
createInterface({ input: process.stdin }).on('line', (line) => child.stdin.write(line + '\\n')).on('close', () => child.kill());
createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(line + '\\n'));
`;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-bench-gateway-'));
  const upstream = spawn(process.execPath, [ECHO, 'http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: upstream.stdout }), 'line');
  const gateway = await prepare(folder, line);
  const ends = {
    'stdio, direct': () => overStdio([ECHO, 'stdio'], folder),
    'stdio, joined': () => overStdio(['-e', JOINED], folder),
    'stdio, sealwatch run': () => overStdio([MAIN, 'run', 'local'], folder),
    'HTTP, direct': () => overHttp(line),
    'HTTP, sealwatch gateway': () => overHttp(`${gateway.url}/servers/remote/mcp`),
  };
  try {
    console.log(
      `gateway: a call of a trivial tool; medians of ${CALLS} calls one by one, calls a second with ${CALLERS} callers`,
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [name, open] of Object.entries(ends)) await measure(name, await open());
    }
  } finally {
    gateway.close();
    upstream.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(folder, url) {
  const unlimited = { perMinute: 1_000_000, atOnce: 10_000 };
  const config = {
    defaults: { firstUse: 'trust', gateway: { calls: { subject: unlimited, tool: unlimited, server: unlimited } } },
    servers: { local: { command: process.execPath, args: [ECHO, 'stdio'] }, remote: { url } },
  };
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify(config));
  execFileSync(process.execPath, [MAIN, 'init'], { cwd: folder, stdio: 'ignore' });
  execFileSync(process.execPath, [MAIN, 'scan'], { cwd: folder, stdio: 'ignore' });
  const child = spawn(process.execPath, [MAIN, 'gateway', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const text of createInterface({ input: child.stderr })) {
    const [found] = /http:\/\/[^/]+/.exec(text) ?? [];
    if (found !== undefined) return { url: found, close: () => child.kill() };
  }
  throw new Error('the gateway did not start');
}

async function measure(name, { ask, close }) {
  await ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  });
  const call = async () => {
    const answer = await ask('tools/call', { name: 'echo', arguments: {} });
    if (!answer.includes('Hello from')) throw new Error(`${name} answered ${answer}`);
  };
  for (let count = 0; count < 500; count += 1) await call();
  const times = [];
  for (let count = 0; count < CALLS; count += 1) {
    const startedAt = performance.now();
    await call();
    times.push(performance.now() - startedAt);
  }
  const startedAt = performance.now();
  const worker = async () => {
    for (let count = 0; count < CALLS / CALLERS; count += 1) await call();
  };
  await Promise.all(Array.from({ length: CALLERS }, worker));
  const perSecond = CALLS / ((performance.now() - startedAt) / 1_000);
  const median = times.sort((a, b) => a - b)[times.length / 2];
  console.log(`  ${name.padEnd(24)} ${median.toFixed(3)} ms   ${Math.round(perSecond)} a second`);
  close();
}

async function overStdio(args, cwd) {
  const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const id = Number(/"id":(\d+)/.exec(text)?.[1]);
    waiting.get(id)?.(text);
    waiting.delete(id);
  });
  let last = 0;
  const ask = (method, params) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: last, method, params })}\n`);
    });
  return { ask, close: () => child.stdin.end() };
}

async function overHttp(url) {
  const agent = new Agent({ keepAlive: true });
  let last = 0;
  let session;
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      };
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        session ??= response.headers['mcp-session-id'];
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ jsonrpc: '2.0', id: ++last, method, params }));
    });
  return { ask, close: () => agent.destroy() };
}
