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
  await packages.describe(
    makeServer({ kind: 'stdio', launch: { command: 'npx', args: ['-y', ...args], env: {}, cwd: folder } }),
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
