// Calls without end through the programs as they are started, over stdio and over HTTP, with everything on: what they keep must not grow.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { lineCaller } from '../line-caller.mjs';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const ECHO = join(import.meta.dirname, '..', 'servers', 'echo-tool.mjs');
const CALLERS = 32;
const PORTIONS = 10;

/** What memory may grow by after the first portions, in which everything is built that stays. */
const MAX_GROWTH_MB = 48;

export async function run({ calls }) {
  for (const [name, start] of Object.entries({ 'sealwatch run': overStdio, 'sealwatch gateway': overHttp })) {
    const folder = mkdtempSync(join(tmpdir(), 'sealwatch-soak-'));
    const end = await start(folder);
    try {
      await soak(name, end, calls);
    } finally {
      await end.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

async function soak(name, { ask, pid }, calls) {
  const clientInfo = { name: 'soak', version: '1' };
  await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  const sizes = [];
  for (let portion = 1; portion <= PORTIONS; portion += 1) {
    let left = calls / PORTIONS;
    const caller = async () => {
      while (left-- > 0) {
        const number = Math.floor(Math.random() * 1e9);
        const answer = await ask('tools/call', { name: 'echo', arguments: { call: number } });
        if (!answer.includes(`Hello number ${number} `)) throw new Error(`${name} answered ${answer}`);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    sizes.push(residentMegabytes(pid));
    console.log(`  ${name}: ${(calls / PORTIONS) * portion} calls, ${sizes.at(-1)} MB`);
  }
  // Three portions are enough to build whatever stays, and for the heap to find its size.
  const growth = Math.max(...sizes.slice(-3)) - Math.max(...sizes.slice(0, 3));
  if (growth > MAX_GROWTH_MB) throw new Error(`${name} grew by ${growth} MB`);
}

function residentMegabytes(pid) {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return Math.round(kilobytes / 1024);
}

function configure(folder, entry) {
  const unlimited = { perMinute: 1_000_000, atOnce: 10_000 };
  const calls = { subject: unlimited, tool: unlimited, server: unlimited };
  const config = { defaults: { firstUse: 'trust', gateway: { calls } }, servers: { echo: entry } };
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify(config));
  for (const command of ['init', 'scan'])
    execFileSync(process.execPath, [MAIN, command], { cwd: folder, stdio: 'ignore' });
}

async function overStdio(folder) {
  configure(folder, { command: process.execPath, args: [ECHO, 'stdio'] });
  const child = spawn(process.execPath, [MAIN, 'run', 'echo'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const ask = lineCaller(child);
  const close = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { ask, pid: child.pid, close };
}

async function overHttp(folder) {
  const upstream = spawn(process.execPath, [ECHO, 'http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = await once(createInterface({ input: upstream.stdout }), 'line');
  configure(folder, { url: address });
  const child = spawn(process.execPath, [MAIN, 'gateway', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [line] = await once(createInterface({ input: child.stderr }), 'line');
  const url = `${/http:\/\/[^/]+/.exec(line)[0]}/servers/echo/mcp`;
  const agent = new Agent({ keepAlive: true });
  let last = 0;
  let session;
  const ask = (method, params) =>
    new Promise((resolve, reject) => {
      const own = session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' };
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...own };
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        session ??= response.headers['mcp-session-id'];
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve(text));
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ jsonrpc: '2.0', id: ++last, method, params }));
    });
  const close = async () => {
    agent.destroy();
    for (const one of [child, upstream]) one.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { ask, pid: child.pid, close };
}
