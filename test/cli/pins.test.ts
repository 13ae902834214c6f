import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { makeCertificate } from '../make-certificate.js';
import { type Served, serveMcp } from '../mcp/serve-mcp.js';
import { type Bench, createBench } from './world.js';

const root = makeCertificate({ subject: 'root' });
const leaf = makeCertificate({ subject: 'leaf\u001b[31m', ip: '127.0.0.1', issuer: root });

let bench: Bench;
let served: Served;
beforeEach(async () => {
  bench = createBench();
  served = await serveMcp({ tls: { key: leaf.key, cert: leaf.cert + root.cert } });
  writeFileSync(join(bench.folder, 'ca.pem'), root.cert);
});
afterEach(async () => {
  await served.close();
  bench.close();
});

test('prints the chain as pins that can be pasted, and asks the server for nothing', async () => {
  const { stdout, exitCode } = await bench.sealwatch('pins', served.url, '--ca', join(bench.folder, 'ca.pem'));
  expect(exitCode).toBe(0);
  const pasted = stdout.split('  pins:\n')[1]?.match(/sha256\/[A-Za-z0-9+/]{43}=/g);
  expect(pasted).toHaveLength(2);
  expect(stdout).not.toContain('\u001b[31m');
  expect(served.requests).toEqual([]);
});

test('what is pasted is what the connection is held to', async () => {
  const { stdout } = await bench.sealwatch('pins', served.url, '--ca', join(bench.folder, 'ca.pem'), '--json');
  const { certificates, problem } = JSON.parse(stdout) as { certificates: { pin: string }[]; problem: null };
  expect(problem).toBeNull();
  const entry = { url: served.url, ca: 'ca.pem', pins: certificates.map(({ pin }) => pin) };
  bench.configure([], { servers: { tls: entry } });
  await bench.sealwatch('init');
  expect((await bench.sealwatch('scan', '--json')).stdout).toContain('"tls/tool/add"');
  expect((await bench.sealwatch('pins', 'tls')).exitCode).toBe(0);
});

test('one certificate is one pin, and it is said that another is needed', async () => {
  const own = makeCertificate({ subject: 'own', ip: '127.0.0.1' });
  const alone = await serveMcp({ tls: own });
  writeFileSync(join(bench.folder, 'own.pem'), own.cert);
  const { stdout } = await bench.sealwatch('pins', alone.url, '--ca', join(bench.folder, 'own.pem'));
  expect(stdout).toContain('Two are needed');
  await alone.close();
});

test('a certificate that is not valid is shown with the reason, and not for pasting', async () => {
  const { stdout, exitCode } = await bench.sealwatch('pins', served.url);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('The certificate is not valid: ');
  expect(stdout).not.toContain('  pins:');
});

test.each([
  ['an address without TLS', 'http://127.0.0.1:1/mcp', 3],
  ['a server that is not configured', 'nobody', 3],
  ['a server that is started here', 'github', 3],
  ['a port on which nobody listens', 'https://127.0.0.1:1/mcp', 2],
])('%s has none', async (_, target, expected) => {
  bench.configure(['github']);
  expect((await bench.sealwatch('pins', target)).exitCode).toBe(expected);
});

test('a port on which somebody else listens has none', async () => {
  const listener = createServer((socket) => socket.end('220 mail\r\n')).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  const address = listener.address();
  const port = typeof address === 'object' ? address?.port : 0;
  expect((await bench.sealwatch('pins', `https://127.0.0.1:${port}`)).exitCode).toBe(2);
  listener.close();
});
