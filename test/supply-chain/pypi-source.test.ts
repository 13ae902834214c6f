import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toTrustMaterial, type TrustMaterial } from '@sigstore/verify';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { PackageFacts } from '../../src/model/package-facts.js';
import { identifyLaunch } from '../../src/policy/identify-launch.js';
import { createPypiSource } from '../../src/supply-chain/pypi-source.js';
import { shippedTrust } from '../../src/supply-chain/shipped-trust.js';
import { startSigstore, type Sigstore } from '../servers/start-sigstore.js';
import { type Served, type StandIn, startStandIn } from '../servers/start-stand-in.js';

const WHEEL = Buffer.from('the bytes of a wheel');
const SHA256 = createHash('sha256').update(WHEEL).digest('hex');
const RELEASE = 'https://github.com/owner/time-server/.github/workflows/release.yml@refs/tags/v1.2.0';
const PUBLISHER = { kind: 'GitHub', repository: 'owner/time-server', workflow: 'release.yml', environment: 'pypi' };

let sigstore: Sigstore;
beforeAll(async () => {
  sigstore = await startSigstore();
});

let paths: Record<string, Served>;
let index: StandIn;
let home: string;
beforeEach(async () => {
  paths = {};
  home = mkdtempSync(join(tmpdir(), 'pypi-'));
  index = await startStandIn((path) => paths[path]);
});
afterEach(async () => {
  await index.close();
  rmSync(home, { recursive: true, force: true });
});

type File = Readonly<Record<string, unknown>>;

/** One file of the listing; `undefined` leaves a member out. */
function file(version = '1.2.0', more: File = {}): File {
  const filename = `time_server-${version}-py3-none-any.whl`;
  return {
    filename,
    url: `/files/${filename}`,
    hashes: { sha256: SHA256 },
    yanked: false,
    'upload-time': '2024-05-01T10:00:00.5Z',
    provenance: null,
    ...more,
  };
}

function list(files: readonly File[], more: object = {}): void {
  paths['/simple/time-server/'] = {
    headers: { 'content-type': 'application/vnd.pypi.simple.v1+json' },
    body: { meta: { 'api-version': '1.4' }, name: 'time-server', versions: [], files, ...more },
  };
  for (const { filename } of files) paths[`/files/${String(filename)}`] ??= { body: WHEEL };
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), text);
}

async function inspect(spec = 'time_server', url?: string, trust?: TrustMaterial): Promise<PackageFacts> {
  write('.config/uv/uv.toml', `index-url = "${url ?? new URL('simple', index.url).href}"\n`);
  return await run('uvx', [spec], trust);
}

async function run(
  command: string,
  args: readonly string[],
  trust = toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot)),
): Promise<PackageFacts> {
  const source = createPypiSource({ trust, etc: join(home, 'etc') });
  const context = { cwd: '/', env: { HOME: home }, command, signal: new AbortController().signal };
  return await source.inspect(identifyLaunch({ command, args, env: {} }), context);
}

test('everything that an index says', async () => {
  list([file('1.10.0'), file('1.9.0')], { 'project-status': { status: 'active' } });
  const facts = await inspect();
  expect(facts).toMatchObject({
    purl: 'pkg:pypi/time-server@1.10.0',
    ecosystem: 'pypi',
    requested: undefined,
    resolved: { kind: 'present', value: '1.10.0' },
    integrity: { kind: 'present', value: `sha256:${SHA256}` },
    evidence: {
      source: { kind: 'present', value: { registry: index.url.origin } },
      files: {
        kind: 'present',
        value: { 'time_server-1.10.0-py3-none-any.whl': SHA256 },
      },
      publishedAt: { kind: 'present', value: '2024-05-01T10:00:00.500Z' },
      yanked: { kind: 'absent' },
      provenance: { kind: 'absent' },
      publisher: { kind: 'unknown' },
      installScripts: { kind: 'absent' },
      deprecated: { kind: 'absent' },
      maintainers: { kind: 'unknown' },
      advisories: { kind: 'unknown' },
    },
  });
  expect(index.requests[0]).toMatchObject({
    path: '/simple/time-server/',
    accept: 'application/vnd.pypi.simple.v1+json',
  });
});

describe('the version that is taken', () => {
  const yanked = (version: string): File => file(version, { yanked: 'broken' });
  const ROWS: readonly (readonly [string, readonly File[], string, string | undefined])[] = [
    ['the newest, by number', [file('1.9'), file('1.10'), file('1.2')], 'time-server', '1.10'],
    ['none that is yanked', [file('1.9'), yanked('1.10')], 'time-server', '1.9'],
    ['no pre-release', [file('1.9'), file('2.0rc1')], 'time-server', '1.9'],
    ['a pre-release where there is nothing else', [file('2.0rc1'), file('2.0a3')], 'time-server', '2.0rc1'],
    ['a post-release', [file('1.9'), file('1.9.post1')], 'time-server', '1.9.post1'],
    ['that of the later epoch', [file('2024.1'), file('1!1.0')], 'time-server', '1!1.0'],
    ['the one that is asked for', [file('1.9'), file('1.10')], 'time-server@1.9', '1.9'],
    ['the one that is asked for, written otherwise', [file('1.9'), file('1.10')], 'time-server@1.9.0', '1.9'],
    ['the one that is asked for, though it is yanked', [file('1.9'), yanked('1.10')], 'time-server@1.10', '1.10'],
    ['not there', [file('1.9')], 'time-server@1.8', undefined],
    ['of another project', [file('1.9', { filename: 'other-2.0-py3-none-any.whl' })], 'time-server', undefined],
  ];
  test.each(ROWS)('is %s', async (_, files, spec, expected) => {
    list(files);
    const { resolved } = await inspect(spec);
    expect(resolved).toMatchObject(expected === undefined ? { kind: 'unknown' } : { kind: 'present', value: expected });
  });
});

describe('each piece of evidence', () => {
  const ROWS: readonly (readonly [string, File, keyof PackageFacts['evidence'] | 'integrity', object])[] = [
    ['a swapped hash', { hashes: { sha256: 'a'.repeat(64) } }, 'integrity', { kind: 'contradicts' }],
    ['no hash', { hashes: {} }, 'integrity', { kind: 'unknown' }],
    ['another hash', { hashes: { md5: 'x' } }, 'integrity', { kind: 'unknown' }],
    [
      'a file elsewhere, without TLS',
      { url: 'http://127.0.0.2:9/x.whl' },
      'integrity',
      { why: 'the index names "http://127.0.0.2:9/x.whl", which is not asked' },
    ],
    ['a file of this machine', { url: 'file:///etc/passwd' }, 'integrity', { kind: 'unknown' }],
    ['a file that is gone', { url: '/gone.whl' }, 'integrity', { kind: 'unknown' }],
    ['yanked, with a reason', { yanked: 'leaks' }, 'yanked', { kind: 'present', value: 'leaks' }],
    ['yanked', { yanked: true }, 'yanked', { kind: 'present', value: 'no reason is given' }],
    ['not said whether it is yanked', { yanked: undefined }, 'yanked', { kind: 'unknown' }],
    ['no upload time', { 'upload-time': undefined }, 'publishedAt', { kind: 'unknown' }],
    ['an upload time that is none', { 'upload-time': 'yesterday' }, 'publishedAt', { kind: 'unknown' }],
    ['attestations not spoken of', { provenance: undefined }, 'provenance', { kind: 'unknown' }],
    ['attestations that are gone', { provenance: '/gone' }, 'provenance', { kind: 'unknown' }],
  ];
  test.each(ROWS)('%s', async (_, more, name, expected) => {
    list([file('1.2.0', more)]);
    const facts = await inspect('time-server@1.2.0');
    expect(name === 'integrity' ? facts.integrity : facts.evidence[name]).toMatchObject(expected);
  });

  test('a source distribution runs its own code when it is built', async () => {
    list([file('1.2.0', { filename: 'time_server-1.2.0.tar.gz' })]);
    expect((await inspect()).evidence.installScripts).toMatchObject({ kind: 'present' });
  });

  test('wheels for several platforms: nobody can tell which is installed', async () => {
    const forPlatform = (tag: string): File => file('1.2.0', { filename: `time_server-1.2.0-cp312-cp312-${tag}.whl` });
    list([forPlatform('win_amd64'), forPlatform('manylinux2014_x86_64')]);
    expect((await inspect()).integrity).toMatchObject({ kind: 'unknown' });
  });

  test('a project in quarantine', async () => {
    list([file()], { 'project-status': { status: 'quarantined', reason: 'malware' } });
    expect((await inspect()).evidence.deprecated).toEqual({ kind: 'present', value: 'quarantined: malware' });
  });

  test('one file yanked, the other not', async () => {
    list([file(), file('1.2.0', { filename: 'time_server-1.2.0.tar.gz', yanked: true })]);
    expect((await inspect()).evidence.yanked).toMatchObject({ kind: 'contradicts' });
  });
});

describe('the attestations of a file', () => {
  const filename = 'time_server-1.2.0-py3-none-any.whl';
  type Change = (provenance: Provenance) => unknown;

  interface Provenance {
    readonly version: number;
    readonly attestation_bundles: {
      publisher: object;
      readonly attestations: {
        readonly verification_material: { transparency_entries: readonly object[] };
        readonly envelope: { statement: string };
      }[];
    }[];
  }

  async function provenanceAfter(change: Change = (same) => same, about: object = {}): Promise<PackageFacts> {
    const attestation = (await sigstore.attest({
      filename,
      sha256: SHA256,
      identity: RELEASE,
      ...about,
    })) as Provenance['attestation_bundles'][number]['attestations'][number];
    const bundle = { publisher: PUBLISHER, attestations: [attestation] };
    paths['/provenance'] = { body: change({ version: 1, attestation_bundles: [bundle] }) as object };
    list([file('1.2.0', { provenance: '/provenance' })]);
    return await inspect();
  }

  test('that hold, say from which repository and workflow it comes', async () => {
    const { evidence } = await provenanceAfter();
    expect(evidence.provenance).toEqual({
      kind: 'present',
      value: {
        repository: 'https://github.com/owner/time-server',
        workflow: 'https://github.com/owner/time-server/.github/workflows/release.yml',
        issuer: 'https://token.actions.githubusercontent.com',
      },
    });
    expect(evidence.publisher).toMatchObject({ value: { repository: 'https://github.com/owner/time-server' } });
  });

  const ABOUT: readonly (readonly [string, object])[] = [
    ['about other bytes', { sha256: 'b'.repeat(64) }],
    ['about another file', { filename: 'time_server-1.1.0-py3-none-any.whl' }],
    ['of another repository', { identity: RELEASE.replace('owner', 'evil') }],
    ['of another workflow', { identity: RELEASE.replace('release.yml', 'release.yml.evil.yml') }],
    ['vouched for by somebody else', { issuer: 'https://evil.example' }],
  ];
  test.each(ABOUT)('%s contradict', async (_, about) => {
    const { evidence } = await provenanceAfter(undefined, about);
    expect(evidence.provenance).toMatchObject({ kind: 'contradicts' });
    expect(evidence.publisher).toMatchObject({ kind: 'unknown' });
  });

  const CHANGES: readonly (readonly [string, Change, string])[] = [
    [
      'with a changed statement',
      (provenance) => {
        const { envelope } = provenance.attestation_bundles[0]!.attestations[0]!;
        envelope.statement = Buffer.from(`${Buffer.from(envelope.statement, 'base64').toString()} `).toString('base64');
        return provenance;
      },
      'contradicts',
    ],
    [
      'that stand in no log',
      (provenance) => {
        provenance.attestation_bundles[0]!.attestations[0]!.verification_material.transparency_entries = [];
        return provenance;
      },
      'contradicts',
    ],
    [
      'of a kind of publisher that is not known',
      (provenance) => {
        provenance.attestation_bundles[0]!.publisher = { kind: 'Mine', repository: 'a', workflow: 'b' };
        return provenance;
      },
      'unknown',
    ],
    [
      'of which there are none',
      (provenance) => ({ ...provenance, attestation_bundles: [{ publisher: PUBLISHER, attestations: [] }] }),
      'unknown',
    ],
    ['in another shape', () => ({ version: 2 }), 'unknown'],
  ];
  test.each(CHANGES)('%s do not count', async (_, change, expected) => {
    expect((await provenanceAfter(change)).evidence.provenance.kind).toBe(expected);
  });

  test('signed under another root of trust contradict', async () => {
    await provenanceAfter();
    const { evidence } = await inspect('time-server', undefined, shippedTrust());
    expect(evidence.provenance).toMatchObject({ kind: 'contradicts' });
  });
});

describe('nothing is fine where nobody answers', () => {
  const ROWS: readonly (readonly [string, Served | 'offline'])[] = [
    ['offline', 'offline'],
    ['an index that fails', { status: 503 }],
    ['an index that redirects', { status: 302, headers: { location: 'https://evil.example/' } }],
    ['a page', { body: Buffer.from('<html>Sign in</html>') }],
    ['a listing of another project', { body: { meta: {}, name: 'other', files: [] } }],
    ['a listing of another shape', { body: { name: 'time-server', files: [{ filename: 1 }] } }],
  ];
  test.each(ROWS)('%s', async (_, served) => {
    if (served !== 'offline') paths['/simple/time-server/'] = served;
    const url = served === 'offline' ? 'http://127.0.0.1:1/simple' : undefined;
    const facts = await inspect('time-server@1.2.0', url);
    const kinds = [facts.resolved, facts.integrity, ...Object.values(facts.evidence)].map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['unknown']));
  });

  test.each([
    ['offline', 'offline', true],
    ['an index that fails', { status: 503 }, true],
    ['an index that is asked too often', { status: 429 }, true],
    ['an index that wants to know who asks', { status: 401 }, undefined],
    ['an index that does not have it', { status: 404 }, undefined],
  ] as const)('whether it may answer another time: %s', async (_, served, isPassing) => {
    if (served !== 'offline') paths['/simple/time-server/'] = served;
    const { resolved } = await inspect('time-server', served === 'offline' ? 'http://127.0.0.1:1/simple' : undefined);
    expect(resolved).toEqual({
      kind: 'unknown',
      why: expect.any(String) as string,
      ...(isPassing === true ? { isPassing } : {}),
    });
  });
});

describe('the index that is asked', () => {
  const ours = (): string => new URL('simple', index.url).href;
  const UV = '.config/uv/uv.toml';
  const PIP = '.config/pip/pip.conf';
  const ROWS: readonly (readonly [string, string, () => Readonly<Record<string, string>>, string])[] = [
    ['that of uv', 'uvx', () => ({ [UV]: `index-url = "${ours()}"` }), 'present'],
    ['the default of several', 'uvx', () => ({ [UV]: `[[index]]\nurl = "${ours()}"\ndefault = true` }), 'present'],
    ['that of the machine', 'uvx', () => ({ 'etc/uv/uv.toml': `index-url = "${ours()}"` }), 'present'],
    ['that of pip', 'pipx', () => ({ [PIP]: `[global]\nindex_url: ${ours()}\n# mine\ntimeout = 5\n` }), 'present'],
    ['that of pip on the machine', 'pipx', () => ({ 'etc/pip.conf': `[global]\nindex-url = ${ours()}\n` }), 'present'],
    [
      'that of the user before that of the machine',
      'uvx',
      () => ({ [UV]: `index-url = "${ours()}"`, 'etc/uv/uv.toml': 'index-url = "http://127.0.0.1:1/"' }),
      'present',
    ],
    ['a second one', 'uvx', () => ({ [UV]: `[[index]]\nurl = "${ours()}"` }), 'names an index besides'],
    [
      'a second one of pip',
      'pipx',
      () => ({ [PIP]: `[global]\nextra-index-url = ${ours()}` }),
      'can change what is chosen',
    ],
    [
      'pip with several in lines',
      'pipx',
      () => ({ [PIP]: `[global]\nindex-url =\n  ${ours()}` }),
      'can change what is chosen',
    ],
    [
      'a folder of files',
      'uvx',
      () => ({ [UV]: `index-url = "${ours()}"\nfind-links = ["/tmp"]` }),
      'sets "find-links"',
    ],
    [
      'a date',
      'uvx',
      () => ({ [UV]: `index-url = "${ours()}"\nexclude-newer = "2024-01-01"` }),
      'sets "exclude-newer"',
    ],
    ['no TOML', 'uvx', () => ({ [UV]: 'index-url = ' }), 'is no TOML'],
    ['no address', 'uvx', () => ({ [UV]: 'index-url = "simple"' }), 'names an index that is no address'],
    ['a folder in place of the file', 'uvx', () => ({ [`${UV}/x`]: '' }), 'cannot read'],
  ];
  test.each(ROWS)('%s (%s)', async (_, runner, files, expected) => {
    list([file('1.2.0')]);
    for (const [name, text] of Object.entries(files())) write(name, text);
    const facts = await run(runner, runner === 'uvx' ? ['time-server'] : ['run', 'time-server']);
    expect(index.requests.length > 0).toBe(expected === 'present');
    if (expected === 'present') expect(facts.resolved).toEqual({ kind: 'present', value: '1.2.0' });
    else expect(facts.resolved).toMatchObject({ kind: 'unknown', why: expect.stringContaining(expected) as string });
  });

  test('is told who asks, and what it is told is not shown', async () => {
    list([file('1.2.0')]);
    const facts = await inspect('time-server', ours().replace('//', '//user:s3cret@'));
    expect(facts.integrity.kind).toBe('present');
    expect(index.requests.map(({ authorization }) => authorization)).toEqual(
      Array.from({ length: 2 }, () => 'Basic dXNlcjpzM2NyZXQ='),
    );
    expect(JSON.stringify(facts)).not.toContain('s3cret');
  });
});

describe('a copy that is installed may be run in place of it', () => {
  test.each(['.local/share/uv/tools/time-server/x', '.local/share/pipx/venvs/time-server/x'])('%s', async (name) => {
    list([file('1.2.0')]);
    write(name, '');
    const { resolved, integrity, evidence } = await inspect();
    expect([resolved.kind, integrity.kind]).toEqual(['unknown', 'unknown']);
    expect(evidence.executable).toEqual({ kind: 'present', value: { folder: join(home, dirname(name)) } });
    expect((await inspect('time-server@latest')).resolved).toEqual({ kind: 'present', value: '1.2.0' });
  });
});
