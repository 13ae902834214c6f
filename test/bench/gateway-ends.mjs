// What a client can talk to in the bench of the gateway: a server directly, something that hands on and looks at nothing, the gateway.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

import { lineCaller } from '../line-caller.mjs';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const SERVERS = join(import.meta.dirname, '..', 'servers');
const JOINED = join(import.meta.dirname, 'joined.mjs');
const ECHO = join(SERVERS, 'echo-tool.mjs');

const UNLIMITED = { perMinute: 1_000_000, atOnce: 10_000 };

/**
 * Starts everything and returns the ends by name, each with how it is asked; `base` is what it is compared with. `logging` is the folder of the
 * gateway with all defaults. `close` ends all of it.
 */
export async function openEnds(folder) {
  const children = [];
  const start = async (args, cwd = folder) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return { child, url: await firstAddress(child) };
  };
  const bare = await start([ECHO, 'http']);
  const sdk = await start([join(SERVERS, 'sdk-echo.mjs')]);
  const proxy = await start([JOINED, 'http', bare.url]);
  const logging = configure(folder, 'log', { bare: bare.url, sdk: sdk.url });
  const silent = configure(folder, 'no-log', { bare: bare.url, sdk: sdk.url }, { log: false });
  const gateway = await start([MAIN, 'gateway', '--port', '0'], logging);
  const quiet = await start([MAIN, 'gateway', '--port', '0'], silent);
  const at = ({ url }, id) => `${url}/servers/${id}/mcp`;
  const ends = [
    ['stdio, direct', undefined, await overStdio([ECHO, 'stdio'], folder)],
    ['stdio, two pipes joined', undefined, await overStdio([JOINED, 'pipes', ECHO], folder)],
    ['stdio, two SDK transports joined', undefined, await overStdio([JOINED, 'transports', ECHO], folder)],
    ['sealwatch run', 'stdio, direct', await overStdio([MAIN, 'run', 'local'], logging)],
    ['sealwatch run, log: false', 'stdio, direct', await overStdio([MAIN, 'run', 'local'], silent)],
    ['HTTP, direct', undefined, overHttp(bare.url)],
    ['HTTP, a proxy that reads nothing', 'HTTP, direct', overHttp(proxy.url)],
    ['sealwatch gateway', 'HTTP, direct', overHttp(at(gateway, 'bare'))],
    ['sealwatch gateway, log: false', 'HTTP, direct', overHttp(at(quiet, 'bare'))],
    ['HTTP, SDK server, direct', undefined, overHttp(sdk.url)],
    ['sealwatch gateway before it', 'HTTP, SDK server, direct', overHttp(at(gateway, 'sdk'))],
    ['… log: false', 'HTTP, SDK server, direct', overHttp(at(quiet, 'sdk'))],
  ].map(([name, base, end]) => ({ name, base, ...end }));
  const close = async () => {
    for (const end of ends) end.close();
    await Promise.all(children.map(ended));
  };
  return { ends, logging, close };
}

/** A folder with a configuration and a store in which everything is approved. */
function configure(parent, name, { bare, sdk }, gateway = {}) {
  const folder = join(parent, name);
  mkdirSync(folder);
  const config = {
    defaults: { firstUse: 'trust', gateway: { calls: { subject: UNLIMITED, tool: UNLIMITED, server: UNLIMITED } } },
    gateway,
    servers: {
      local: { command: process.execPath, args: [ECHO, 'stdio'] },
      bare: { url: bare },
      sdk: { url: sdk },
    },
  };
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify(config));
  for (const command of ['init', 'scan'])
    execFileSync(process.execPath, [MAIN, command], { cwd: folder, stdio: 'ignore' });
  return folder;
}

async function firstAddress(child) {
  const address = (text) => /http:\/\/[^/\s]+(?:\/mcp$)?/m.exec(text)?.[0];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8');
  return await new Promise((resolve, reject) => {
    const look = (text) => void (address(text) !== undefined && resolve(address(text).trim()));
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', () => reject(new Error('a process ended before it listened')));
  });
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Talks to a process over its pipes, one message a line. */
async function overStdio(args, cwd) {
  const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
  const ask = lineCaller(child);
  return { ask, close: () => child.stdin.end() };
}

/** Talks Streamable HTTP, with as many connections as there are callers. */
function overHttp(url) {
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
