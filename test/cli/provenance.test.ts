import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { packed, type Registry, startRegistry } from '../servers/start-registry.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
let registry: Registry;
beforeEach(async () => {
  bench = createBench();
  registry = await startRegistry();
  writeFileSync(join(bench.folder, '.npmrc'), `registry=${registry.url}/\ncache=${join(bench.folder, 'cache')}\n`);
});
afterEach(async () => {
  await registry.close();
  bench.close();
});

function configure(...args: readonly string[]): void {
  bench.configure([], { servers: { files: { command: 'npx', args: ['-y', ...args] } } });
}

test('what a command runs, and what of it was verified', async () => {
  await registry.publish({ name: '@acme/files', version: '1.4.2' });
  configure('@acme/files');
  const { stdout, exitCode } = await bench.sealwatch('provenance', 'files');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('runs              "pkg:npm/@acme/files@1.4.2"');
  expect(stdout).toContain('signature         "keyids SHA256:');
  expect(stdout).toContain('built from        could not tell: this registry gives no attestations');
  expect(stdout).toContain('install scripts   none');
});

test('what contradicts is for a person', async () => {
  await registry.publish({ name: 'files', version: '1.0.0', servedBytes: packed({ 'package.json': '{}' }) });
  configure('files@1.0.0');
  const { stdout, exitCode } = await bench.sealwatch('provenance');
  expect(exitCode).toBe(1);
  expect(stdout).toContain('integrity         contradicts: the bytes are not those that the registry names');
});

test('what a local script is', async () => {
  writeFileSync(join(bench.folder, 'server.js'), 'server();\n');
  bench.configure([], { servers: { files: { command: 'node', args: ['server.js'] } } });
  const { stdout, exitCode } = await bench.sealwatch('provenance', 'files');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('runs              script "server.js"');
  expect(stdout).toContain(
    'version           "sha256:4bb6b8a602a32b569054c9ab56728d7fe8ae559256163e56931102e0b581230b"',
  );
  expect(stdout).toContain('on this machine   "path ');
});

test('an image that its registry does not have under the digest of the command', async () => {
  const { host } = new URL(registry.url);
  const image = `${host}/acme/files@sha256:${'a'.repeat(64)}`;
  bench.configure([], { servers: { files: { command: 'docker', args: ['run', '-i', image] } } });
  const { stdout, exitCode } = await bench.sealwatch('provenance', 'files');
  expect(exitCode).toBe(1);
  expect(stdout).toContain(
    'integrity         contradicts: the registry does not have the digest that the command names',
  );
});

test.each([
  ['a package that is not there', ['absent-package']],
  ['an option that nobody knows', ['--registry=https://evil.example', 'files']],
  ['a package that is no package of the registry', ['github:acme/files']],
])('of %s nothing can be told', async (_name, args) => {
  configure(...args);
  const { stdout, exitCode } = await bench.sealwatch('provenance', '--json');
  const { servers } = JSON.parse(stdout) as { servers: { resolved: { kind: string } }[] };
  expect([exitCode, servers[0]?.resolved.kind]).toEqual([2, 'unknown']);
});

test('what the registry writes reaches no terminal as it is', async () => {
  await registry.publish({ name: 'files', version: '1.0.0', listed: { deprecated: 'gone\u001b[2J\u202e' } });
  configure('files');
  const { stdout } = await bench.sealwatch('provenance');
  expect(stdout).toContain('deprecated');
  expect(/[\u001b\u202e]/.test(stdout)).toBe(false);
});

test('servers that nobody starts have no provenance of this kind', async () => {
  bench.configure([], { servers: { remote: { url: 'https://mcp.example.com/mcp' } } });
  expect((await bench.sealwatch('provenance')).exitCode).toBe(3);
});
