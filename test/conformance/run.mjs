// Runs the official conformance scenarios against us: `npm run conformance`.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const SEALWATCH = join(HERE, '..', '..', 'dist', 'main.js');
const PROGRAM = join(HERE, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
const LOADER = join(HERE, 'fs-of-node-20.mjs');

// A lock file of its own: the package asks for a newer Node than Sealwatch does, and needs it for other things than these.
execFileSync('npm', ['ci', '--engine-strict=false', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: HERE,
  stdio: 'inherit',
});

console.log('\nAs a client, which signs in and lists:\n');
const command = `${process.execPath} ${join(HERE, 'client.mjs')}`;
const asClient = scenarios(['client', '--suite', 'all', '--command', command]);
console.log('\nAs a gateway, in front of a server that meets all of them:\n');
process.exitCode = asClient || (await throughGateway());

async function throughGateway() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-conformance-'));
  const [upstreamPort, port] = [await freePort(), await freePort()];
  const upstream = spawn(process.execPath, [join(HERE, 'server.mjs'), String(upstreamPort)]);
  await once(upstream.stdout, 'data');
  writeFileSync(
    join(folder, 'sealwatch.yaml'),
    JSON.stringify({ servers: { conforming: { url: `http://127.0.0.1:${upstreamPort}/mcp` } }, gateway: { port } }),
  );
  sealwatch(folder, ['init']);
  const token = /sealwatch_\S+/.exec(sealwatch(folder, ['approver', 'add', 'alice']))?.[0];
  sealwatch(folder, ['scan']);
  sealwatch(folder, ['approve', '--all'], { SEALWATCH_APPROVER_TOKEN: token });
  const gateway = spawn(process.execPath, [SEALWATCH, 'gateway'], { cwd: folder, stdio: 'ignore' });
  try {
    await reachable(port);
    return scenarios(['server', '--url', `http://127.0.0.1:${port}/servers/conforming/mcp`]);
  } finally {
    for (const child of [gateway, upstream]) child.kill();
    await once(gateway, 'exit');
    rmSync(folder, { recursive: true });
  }
}

/** Returns the exit code; what is expected to fail, and why, stands in expected-failures.yml. */
function scenarios(args) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', LOADER, PROGRAM, ...args, '--expected-failures', join(HERE, 'expected-failures.yml')],
    { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
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
