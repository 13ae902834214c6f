import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { ABSENT, nothingKnown, type PackageFacts, present, unknown, unreached } from '../../src/model/package-facts.js';
import { createPackages } from '../../src/supply-chain/create-packages.js';
import { createSources } from '../../src/supply-chain/create-sources.js';
import { toRecorded } from '../../src/supply-chain/recorded-package.js';
import { makeServer } from '../mcp/make-server.js';
import { type Registry, startRegistry } from '../servers/start-registry.js';
import { startStandIn } from '../servers/start-stand-in.js';

let folder: string;
let registry: Registry;
let at = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
  registry = await startRegistry();
  writeFileSync(join(folder, '.npmrc'), `registry=${registry.url}/\ncache=${join(folder, 'cache')}\n`);
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const packages = createPackages({
  clock: { now: () => new Date(0), monotonicMs: () => at },
  sources: createSources({ tree: 'walked' }),
  environment: (configured) => ({ PATH: process.env['PATH'] ?? '', HOME: folder, ...configured }),
});

const describeServer = async (...args: readonly string[]): Promise<unknown> =>
  await describeCommand('npx', '-y', ...args);

const describeCommand = async (command: string, ...args: readonly string[]): Promise<unknown> =>
  await packages.describe(
    makeServer({ kind: 'stdio', launch: { command, args, env: {}, cwd: folder } }),
    AbortSignal.timeout(20_000),
  );

test('what is asked for within a minute is not asked of the registry again', async () => {
  await registry.publish({ name: 'server', version: '1.0.0' });
  expect(await describeServer('server')).toMatchObject({ name: 'pkg:npm/server', version: '1.0.0', isPinned: false });
  await registry.publish({ name: 'server', version: '1.1.0' });
  at += 59_000;
  expect(await describeServer('server')).toMatchObject({ version: '1.0.0' });
  at += 2_000;
  expect(await describeServer('server')).toMatchObject({ version: '1.1.0' });
});

test('an exact version is a pin, and a range is none', async () => {
  await registry.publish({ name: 'server', version: '1.0.0' });
  expect(await describeServer('server@1.0.0')).toMatchObject({ isPinned: true });
  expect(await describeServer('server@^1.0.0')).toMatchObject({ isPinned: false });
});

test('a registry that does not answer is no answer', async () => {
  await registry.close();
  await expect(describeServer('server')).rejects.toMatchObject({ code: 'PACKAGE_UNREACHED' });
});

test('what nobody can tell of a command is told the same each time', async () => {
  expect(await describeServer('--registry=https://evil.example', 'server')).toEqual({ isPinned: false });
});

test('of a local script its digest and that of its lock file are recorded', async () => {
  writeFileSync(join(folder, 'server.js'), 'server();\n');
  writeFileSync(join(folder, 'package-lock.json'), '{}\n');
  expect(await describeCommand('node', 'server.js')).toMatchObject({
    version: 'sha256:4bb6b8a602a32b569054c9ab56728d7fe8ae559256163e56931102e0b581230b',
    integrity: 'sha256:4bb6b8a602a32b569054c9ab56728d7fe8ae559256163e56931102e0b581230b',
    executable: { interpreter: { sha256: expect.any(String) as string } },
    lockfile: { sha256: 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356' },
    isPinned: false,
  });
});

test('a script that cannot be read is no answer', async () => {
  await expect(describeCommand('node', 'gone.js')).rejects.toMatchObject({ code: 'PACKAGE_UNREACHED' });
});

test('of an image the digest is recorded, and a digest in the command is a pin', async () => {
  const body = JSON.stringify({ schemaVersion: 2, config: {}, layers: [] });
  const digest = 'sha256:4108250765b19c4d5000be73d2bdd612bbb17a989972bcfd1adbf5085a9af46b';
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
  const images = await startStandIn((path) =>
    /^\/v2\/acme\/files\/manifests\/(?:1\.0|sha256:.*)$/.test(path) ? { headers, body: Buffer.from(body) } : undefined,
  );
  const image = `${images.url.host}/acme/files`;
  const recorded = {
    name: `pkg:oci/files?repository_url=${encodeURIComponent(images.url.host)}%2Facme%2Ffiles`,
    source: { registry: images.url.origin },
    version: digest,
    integrity: digest,
    signature: 'none',
  };
  expect(await describeCommand('docker', 'run', `${image}:1.0`)).toEqual({ ...recorded, isPinned: false });
  expect(await describeCommand('docker', 'run', `${image}@${digest}`)).toEqual({ ...recorded, isPinned: true });
  await images.close();
  await expect(describeCommand('docker', 'run', `${image}:1.1`)).rejects.toMatchObject({ code: 'PACKAGE_UNREACHED' });
});

const FACTS: PackageFacts = {
  purl: 'pkg:npm/@acme/server@1.0.0',
  ecosystem: 'npm',
  requested: undefined,
  resolved: present('1.0.0'),
  integrity: { kind: 'contradicts', why: 'other bytes' },
  evidence: {
    ...nothingKnown('this registry does not say'),
    provenance: ABSENT,
    publisher: present({ name: 'alice' }),
    deprecated: present('use another'),
  },
};

test('only what is told is recorded, and what is against it is never left out', () => {
  expect(toRecorded(FACTS)).toEqual({
    name: 'pkg:npm/@acme/server',
    version: '1.0.0',
    integrity: { contradicts: 'other bytes' },
    provenance: 'none',
    publisher: { name: 'alice' },
  });
});

test('a part of it that could not be asked for is no answer to the whole', () => {
  const evidence = { ...FACTS.evidence, provenance: unreached('the registry could not be asked') };
  expect(() => toRecorded({ ...FACTS, evidence })).toThrow(
    expect.objectContaining({ code: 'PACKAGE_UNREACHED' }) as Error,
  );
  const told = toRecorded({ ...FACTS, evidence: { ...evidence, provenance: unknown('no attestations') } });
  expect(told).not.toHaveProperty('provenance');
});

const ASKED = {
  requirePinned: false,
  minimumAgeMs: undefined,
  requireProvenance: undefined,
  forbidInstallScripts: true,
  allowedRegistries: undefined,
  maximumSeverity: 'moderate',
} as const;

test.each([
  ['none', ABSENT, 'within'],
  ['some that are taken', present([{ severity: 'moderate', url: '' }]), 'within'],
  [
    'a worse one',
    present([
      { severity: 'low', url: '' },
      { severity: 'high', url: '' },
    ]),
    'beyond',
  ],
  ['no word on them', unknown('no advisories'), undefined],
])('of advisories it is recorded whether they are too bad: %s', (_name, advisories, expected) => {
  const facts = { ...FACTS, evidence: { ...FACTS.evidence, advisories } };
  expect(toRecorded(facts, ASKED)['advisories']).toBe(expected);
  expect(toRecorded(facts)).not.toHaveProperty('advisories');
});

test('of what is installed with a package it is recorded what runs scripts', () => {
  const recorded = (tree: PackageFacts['evidence']['dependencyTree']): unknown =>
    toRecorded({ ...FACTS, evidence: { ...FACTS.evidence, dependencyTree: tree } }, ASKED)['scriptsInTree'];
  expect(recorded(present({ packages: 2, withInstallScripts: ['evil@1.0.0'] }))).toEqual(['evil@1.0.0']);
  expect(recorded(present({ packages: 2, withInstallScripts: [] }))).toBe('none');
  expect(recorded(unknown('too many'))).toBeUndefined();
});
