// Runs the official conformance scenarios against us: `npm run conformance`.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inspect } from './inspector.mjs';

const HERE = import.meta.dirname;
const SEALWATCH = join(HERE, '..', '..', 'dist', 'main.js');
const PROGRAM = join(HERE, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const LOADER = join(HERE, 'fs-of-node-20.mjs');
const EXPECTED = ['--expected-failures', join(HERE, 'expected-failures.yml')];

// A lock file of its own: the packages ask for a newer Node than Sealwatch does, and need it for other things than these.
execFileSync(
  'npm',
  ['ci', '--engine-strict=false', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
  { cwd: HERE, stdio: 'inherit' },
);

/** All of them run at once; on a busy machine each takes its time. */
const CLIENT_MS = 180_000;

console.log('\nAs a client, which signs in and lists:\n');
const command = `${process.execPath} ${join(HERE, 'client.mjs')}`;
const asClient = scenarios(
  ['client', '--suite', 'all', '--timeout', String(CLIENT_MS), '--command', command],
  EXPECTED,
);
process.exitCode = (await asServer()) || asClient;

/** What passes directly has to pass through the gateway. */
async function asServer() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-conformance-'));
  const [upstreamPort, port] = [await freePort(), await freePort()];
  const upstream = spawn(process.execPath, [join(HERE, 'server.mjs'), String(upstreamPort)]);
  await once(upstream.stdout, 'data');
  const url = `http://127.0.0.1:${upstreamPort}/mcp`;
  writeFileSync(
    join(folder, 'sealwatch.yaml'),
    JSON.stringify({ servers: { conforming: { url } }, gateway: { port } }),
  );
  sealwatch(folder, ['init']);
  const token = /sealwatch_\S+/.exec(sealwatch(folder, ['approver', 'add', 'alice']))?.[0];
  sealwatch(folder, ['scan']);
  sealwatch(folder, ['approve', '--all'], { SEALWATCH_APPROVER_TOKEN: token });
  const gateway = spawn(process.execPath, [SEALWATCH, 'gateway'], { cwd: folder, stdio: 'ignore' });
  try {
    console.log('\nA server that meets all of them, directly:\n');
    const directly = scenarios(['server', '--suite', 'all', '--url', url], []);
    await reachable(port);
    console.log('\nThe same server through the gateway:\n');
    const through = `http://127.0.0.1:${port}/servers/conforming/mcp`;
    const throughGateway = scenarios(['server', '--suite', 'all', '--url', through], EXPECTED);
    console.log('\nThe inspector, through the gateway and through a shim:\n');
    inspect({
      'the gateway': [through, '--transport', 'http'],
      'a shim': [process.execPath, SEALWATCH, 'run', 'conforming', '--cwd', folder],
      hold: () =>
        sealwatch(folder, ['revoke', 'conforming/tool/test_simple_text', '--reason', 'x'], {
          SEALWATCH_APPROVER_TOKEN: token,
        }),
    });
    return directly || throughGateway;
  } finally {
    for (const child of [gateway, upstream]) child.kill();
    await once(gateway, 'exit');
    rmSync(folder, { recursive: true });
  }
}

/** Returns the exit code; what is expected to fail, and why, stands in expected-failures.yml. */
function scenarios(args, expected) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', LOADER, PROGRAM, ...args, ...expected], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  // What the clients of failed scenarios wrote is of interest only where that was not expected.
  const summary = stdout.slice(Math.max(0, stdout.search(/^=== (?:SUITE )?SUMMARY/m)));
  process.stdout.write(status === 0 ? summary : `${stdout}${stderr}`);
  return status ?? 1;
}

function sealwatch(cwd, args, env = {}) {
  const { stdout } = spawnSync(process.execPath, [SEALWATCH, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return stdout;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

async function reachable(port) {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the gateway does not answer');
}
