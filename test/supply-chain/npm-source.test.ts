import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial } from '@sigstore/verify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { PackageFacts } from '../../src/model/package-facts.js';
import { createNpmSource } from '../../src/supply-chain/npm-source.js';
import { packed, type Published, type Registry, startRegistry } from '../servers/start-registry.js';
import { type Sigstore, startSigstore } from '../servers/start-sigstore.js';

const WORKFLOW = 'https://github.com/acme/server/.github/workflows/release.yml';

let folder: string;
let registry: Registry;
let sigstore: Sigstore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'npm-source-'));
  registry = await startRegistry();
  sigstore = await startSigstore();
  writeFileSync(join(folder, '.npmrc'), `registry=${registry.url}/\ncache=${join(folder, 'cache')}\n`);
});
afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

async function inspect(
  name: string,
  requested?: string,
  deadline = AbortSignal.timeout(20_000),
): Promise<PackageFacts> {
  const source = createNpmSource({ trust: toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot)) });
  const context = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', HOME: folder }, signal: deadline };
  return await source.inspect({ kind: 'package', type: 'npm', name, requested }, context);
}

async function publish(version: Partial<Published> = {}): Promise<void> {
  await registry.publish({ name: 'server', version: '1.0.0', ...version });
}

/** What a build service says about a package. */
function attestation(
  change: { name?: string; sha512?: string; identity?: string } = {},
): NonNullable<Published['attest']> {
  return async ({ purl, sha512 }) => {
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: change.name ?? purl, digest: { sha512: change.sha512 ?? sha512 } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: {},
    };
    const bundle = await sigstore.signStatement(statement, { identity: `${WORKFLOW}@refs/tags/v1` });
    return [{ predicateType: 'https://slsa.dev/provenance/v1', bundle }];
  };
}

test('a good version with provenance', async () => {
  await publish({
    attest: attestation(),
    manifest: { license: 'MIT', repository: { url: 'git+https://github.com/acme/server.git' } },
  });
  const facts = await inspect('server');
  expect(facts).toMatchObject({
    purl: 'pkg:npm/server@1.0.0',
    requested: undefined,
    resolved: { kind: 'present', value: '1.0.0' },
    integrity: { kind: 'present' },
    evidence: {
      signature: { kind: 'present', value: { keysFrom: 'registry' } },
      provenance: { kind: 'present', value: { repository: 'https://github.com/acme/server', workflow: WORKFLOW } },
      publisher: { kind: 'present', value: { name: 'alice' } },
      maintainers: { kind: 'present', value: ['alice'] },
      publishedAt: { kind: 'present', value: '2026-01-01T00:00:00.000Z' },
      installScripts: { kind: 'absent' },
      dependencies: { kind: 'absent' },
      deprecated: { kind: 'absent' },
      licence: { kind: 'present', value: 'MIT' },
    },
  });
});

const FAULTS: readonly (readonly [string, Partial<Published>, Readonly<Record<string, string>>])[] = [
  ['one without provenance, in a registry that has none', {}, { integrity: 'present', provenance: 'unknown' }],
  [
    'a tampered tarball',
    { servedBytes: packed({ 'package.json': '{"name":"server","version":"1.0.0"}' }) },
    { integrity: 'contradicts', installScripts: 'contradicts', provenance: 'contradicts' },
  ],
  [
    'a swapped integrity',
    { integrity: `sha512-${Buffer.alloc(64).toString('base64')}` },
    { integrity: 'contradicts', installScripts: 'contradicts' },
  ],
  [
    'an integrity of SHA-1 alone',
    { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' },
    { integrity: 'unknown', installScripts: 'unknown' },
  ],
  [
    'dependencies that only the registry lists',
    { listed: { dependencies: { evil: '1.0.0' } } },
    { integrity: 'present', dependencies: 'contradicts' },
  ],
  [
    'install scripts that the registry does not list',
    { manifest: { scripts: { postinstall: 'node evil.js' } }, listed: { scripts: {} } },
    { installScripts: 'present' },
  ],
  ['a signature for another version', { signedAs: 'server@0.9.0' }, { integrity: 'present', signature: 'contradicts' }],
  ['a deprecated version', { listed: { deprecated: 'use another' } }, { deprecated: 'present' }],
  ['bytes that are no tarball', { servedBytes: Buffer.from('no') }, { integrity: 'contradicts' }],
];

describe('what a registry serves', () => {
  test.each(FAULTS)('%s', async (_name, version, expected) => {
    await publish(version);
    expect(kindsOf(await inspect('server', '1.0.0'), Object.keys(expected))).toEqual(expected);
  });
});

test.each([
  ['for another package', { name: 'pkg:npm/other@1.0.0' }],
  ['for other bytes', { sha512: '00'.repeat(64) }],
])('an attestation %s contradicts', async (_name, change) => {
  await publish({ attest: attestation(change) });
  expect((await inspect('server')).evidence.provenance).toEqual({
    kind: 'contradicts',
    why: 'the attestation is for another package or for other bytes',
  });
});

test('an attestation that another sigstore signed contradicts', async () => {
  await publish({ attest: attestation() });
  sigstore = await startSigstore();
  expect((await inspect('server')).evidence.provenance.kind).toBe('contradicts');
});

test('a removed signature and a lost provenance are absent where other versions have them', async () => {
  await publish({ attest: attestation() });
  await publish({ version: '1.1.0', isSigned: false, publisher: 'mallory', maintainers: ['mallory'] });
  const facts = await inspect('server');
  expect(facts.resolved).toEqual({ kind: 'present', value: '1.1.0' });
  expect(facts.evidence).toMatchObject({
    signature: { kind: 'absent' },
    provenance: { kind: 'absent' },
    publisher: { kind: 'present', value: { name: 'mallory' } },
    maintainers: { kind: 'present', value: ['mallory'] },
  });
});

test('versions are chosen by their numbers, whatever their times are', async () => {
  await publish({ version: '1.2.0', at: '2020-01-01T00:00:00.000Z' });
  await publish({ version: '1.10.0', at: '2019-01-01T00:00:00.000Z' });
  await publish({ version: '1.9.0', at: '2026-01-01T00:00:00.000Z' });
  expect((await inspect('server', '^1.0.0')).resolved).toEqual({ kind: 'present', value: '1.9.0' });
  expect((await inspect('server', '>1.9.0')).resolved).toEqual({ kind: 'present', value: '1.10.0' });
});

test('a version that is gone is told from one that never was', async () => {
  await publish();
  await publish({ version: '1.1.0' });
  registry.unpublish('server', '1.1.0');
  const gone = await inspect('server', '1.1.0');
  expect(gone.evidence.unpublished).toEqual({ kind: 'present', value: { version: '1.1.0' } });
  expect(gone.resolved).toEqual({ kind: 'unknown', why: 'the registry has no version that is asked for' });
  expect((await inspect('server', '9.9.9')).evidence.unpublished.kind).toBe('unknown');
});

test('what is installed with a package, and which of it runs scripts', async () => {
  await registry.publish({ name: 'leaf', version: '1.0.0', manifest: { scripts: { postinstall: 'node x.js' } } });
  await registry.publish({ name: 'peer', version: '2.0.0' });
  await registry.publish({
    name: 'middle',
    version: '1.0.0',
    manifest: { dependencies: { leaf: '^1.0.0', server: '*' } },
  });
  await publish({ manifest: { dependencies: { middle: '1.0.0' }, peerDependencies: { peer: '2' } } });
  expect((await inspect('server')).evidence.dependencyTree).toEqual({
    kind: 'present',
    value: { packages: 4, withInstallScripts: ['leaf@1.0.0'] },
  });
});

test.each(['git+ssh://git@evil.example/x.git', 'file:../evil', 'https://evil.example/x.tgz', 'acme/evil', '9.9.9'])(
  'a dependency on %s starts nothing, and the tree could not be told',
  async (range) => {
    await registry.publish({ name: 'middle', version: '1.0.0' });
    await publish({ manifest: { dependencies: { middle: range } } });
    const { dependencyTree } = (await inspect('server')).evidence;
    expect(dependencyTree).toEqual({
      kind: 'unknown',
      why: 'something that is installed with it is no package of a registry, or is not there',
    });
  },
);

test('what is known against a version is told by the registry, and by its silence nothing is', async () => {
  await publish();
  expect((await inspect('server')).evidence.advisories).toEqual({
    kind: 'unknown',
    why: 'this registry gives no advisories',
  });
  registry.advise({ other: [{ severity: 'high', url: 'https://advisories.example/1' }] });
  expect((await inspect('server')).evidence.advisories).toEqual({ kind: 'absent' });
  registry.advise({
    server: [
      { severity: 'moderate', url: 'https://advisories.example/2' },
      { severity: 'unheard of', url: 'https://advisories.example/3' },
    ],
  });
  expect((await inspect('server')).evidence.advisories).toEqual({
    kind: 'present',
    value: [
      { severity: 'critical', url: 'https://advisories.example/3' },
      { severity: 'moderate', url: 'https://advisories.example/2' },
    ],
  });
});

test.each([
  ['@modelcontextprotocol/server-memroy', '@modelcontextprotocol/server-memory'],
  ['@modelcontextprotocol/server-memor', '@modelcontextprotocol/server-memory'],
  ['modelcontextprotocol-server-memory', '@modelcontextprotocol/server-memory'],
  ['mcp-rem0te', 'mcp-remote'],
])('the name %s looks like %s', async (name, known) => {
  await publish({ name });
  expect((await inspect(name)).evidence.typosquat).toEqual({ kind: 'present', value: { looksLike: known } });
});

test.each(['@modelcontextprotocol/server-memory', 'my-own-server'])('the name %s looks like no other', async (name) => {
  await publish({ name });
  expect((await inspect(name)).evidence.typosquat).toEqual({ kind: 'absent' });
});

test('offline nothing can be told, and nothing is fine', async () => {
  await publish({ attest: attestation() });
  await registry.close();
  const facts = await inspect('server', '1.0.0');
  const kinds = [facts.resolved, facts.integrity, ...Object.values(facts.evidence)].map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(['unknown']));
  expect(facts.resolved).toMatchObject({ kind: 'unknown', isPassing: true });
});

test('a registry of a scope is asked for its packages, and nobody else is', async () => {
  const other = await startRegistry();
  await other.publish({ name: '@acme/server', version: '3.0.0' });
  writeFileSync(
    join(folder, '.npmrc'),
    `registry=${registry.url}/\n@acme:registry=${other.url}/\ncache=${join(folder, 'cache')}\n`,
  );
  const facts = await inspect('@acme/server');
  await other.close();
  expect(facts.resolved).toEqual({ kind: 'present', value: '3.0.0' });
  expect(facts.evidence.source).toEqual({ kind: 'present', value: { registry: other.url } });
  expect(registry.requests).toEqual([]);
});

function kindsOf(facts: PackageFacts, names: readonly string[]): Readonly<Record<string, string>> {
  const all = { resolved: facts.resolved, integrity: facts.integrity, ...facts.evidence };
  return Object.fromEntries(names.map((name) => [name, all[name as keyof typeof all].kind]));
}
