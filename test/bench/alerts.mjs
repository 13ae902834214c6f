// How long after a server's announcement an alert is with the mail server: the built program as a process, a real SMTP server, and 50
// servers over HTTP of which each changes once. Changes of one server that follow each other are gathered on purpose (a storm costs
// at most one inspection a second, then fewer), so one server that changes 50 times would measure that pause instead.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { SMTPServer } from 'smtp-server';

import { startServers } from './many-servers.mjs';

const SERVERS = 50;
const MAX_MEDIAN_MS = 2_000;
const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-bench-'));
  const fleet = await startServers(SERVERS, 1);
  const mail = await startMailServer();
  const webPort = await freePort();
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify(configuration(fleet, mail.port, webPort)));
  await finished(start(folder, 'init'));
  const service = start(folder, 'serve', '--log-format', 'json');
  await until(() => isReady(webPort), 'the first round');
  // Every connection that stays open is open by then.
  await until(async () => (await figure(webPort, 'sealwatch_connections')) === SERVERS, 'the connections');
  const delays = [];
  for (let id = 0; id < SERVERS; id++) {
    const { at, listeners } = await fleet.change(id);
    if (listeners !== 1) throw new Error(`${listeners} listeners at server ${id}`);
    const name = `server-${String(id).padStart(2, '0')}`;
    await until(() => mail.received.has(name), `the mail about ${name}`);
    delays.push(mail.received.get(name) - at);
  }
  const ended = once(service, 'exit');
  service.kill('SIGTERM');
  await ended;
  await mail.close();
  await fleet.close();
  rmSync(folder, { recursive: true });
  delays.sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)];
  console.log(`From a server's list_changed to the alert at the mail server, ${SERVERS} servers that change once each`);
  console.log(`  median ${median} ms, p90 ${delays[Math.floor(delays.length * 0.9)]} ms, max ${delays.at(-1)} ms`);
  if (median > MAX_MEDIAN_MS) throw new Error(`the median is ${median} ms; ${MAX_MEDIAN_MS} ms is the limit`);
}

function configuration(fleet, smtpPort, webPort) {
  const entries = Array.from({ length: SERVERS }, (_, id) => [
    `server-${String(id).padStart(2, '0')}`,
    { type: 'http', url: fleet.urlOf(id), schedule: '1h', firstUse: 'trust' },
  ]);
  const smtp = { host: '127.0.0.1', port: smtpPort, security: 'none' };
  return {
    servers: Object.fromEntries(entries),
    notify: { email: { from: 'sealwatch@example.test', to: ['security@example.test'], smtp } },
    serve: { port: webPort },
  };
}

/** Keeps when the first mail about each server was taken over. */
async function startMailServer() {
  const received = new Map();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, callback) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const subject = /^Subject: (.*(?:\r\n .*)*)/im.exec(Buffer.concat(chunks).toString('utf8'))?.[1] ?? '';
        const [name] = /server-\d\d/.exec(subject) ?? [];
        if (name !== undefined && !received.has(name)) received.set(name, Date.now());
        callback();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const close = () => new Promise((resolve) => server.close(resolve));
  return { port: server.server.address().port, received, close };
}

function start(folder, ...args) {
  const env = { PATH: process.env.PATH, HOME: folder };
  return spawn(process.execPath, [MAIN, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function finished(child) {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`exit code ${code}`);
}

async function isReady(port) {
  return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => ({ ok: false }))).ok;
}

async function figure(port, name) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(isThere, what) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(5)) if (await isThere()) return;
  throw new Error(`waited too long for ${what}`);
}
