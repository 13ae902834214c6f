import { createHash } from 'node:crypto';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { PackageFacts } from '../../src/model/package-facts.js';
import { identifyLaunch } from '../../src/policy/identify-launch.js';
import { readReference } from '../../src/supply-chain/oci-reference.js';
import { createOciSource } from '../../src/supply-chain/oci-source.js';
import { type Served, type StandIn, startStandIn } from '../servers/start-stand-in.js';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/** SHA-256 of the index below, as of the bytes that are served. */
const DIGEST = 'sha256:dcc8567132fafec6d7a93efd3d4b63fe30c42edc9b98f1aeddb9b42ffdd3d73a';
/** The same of one of its manifests. */
const OF_MANIFEST = 'sha256:21d94c4ae81f56d81b98c4468796264cbff924c3fae1fd9e8379120a7d264f31';
const MANIFEST = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config: {}, layers: [] }));
const INDEX = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX_TYPE,
    manifests: [
      { mediaType: MANIFEST_TYPE, digest: digestOf(MANIFEST), size: MANIFEST.length, platform: { os: 'linux' } },
    ],
  }),
);

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

let paths: Record<string, Served>;
let registry: StandIn;
/** What every request has to carry; where it does not, this is answered. */
let challenge: { readonly token: string; readonly header: string } | undefined;
beforeEach(async () => {
  paths = {};
  challenge = undefined;
  registry = await startStandIn((path, { authorization }) => {
    if (challenge !== undefined && path.startsWith('/v2/') && authorization !== `Bearer ${challenge.token}`)
      return { status: 401, headers: { 'www-authenticate': challenge.header }, body: { errors: [] } };
    return paths[path];
  });
  publish('1.0');
});
afterEach(async () => {
  await registry.close();
});

function publish(
  reference: string,
  body: Buffer = INDEX,
  type = INDEX_TYPE,
  more: Readonly<Record<string, string>> = {},
): void {
  const headers = { 'content-type': type, 'docker-content-digest': digestOf(body), ...more };
  paths[`/v2/acme/files/manifests/${reference}`] = { headers, body };
}

async function inspect(after = ':1.0', command = 'docker'): Promise<PackageFacts> {
  const identity = identifyLaunch({ command, args: ['run', '-i', `${registry.url.host}/acme/files${after}`], env: {} });
  return await createOciSource().inspect(identity, { cwd: '/', env: {}, command, signal: AbortSignal.timeout(10_000) });
}

test('everything that a registry says of an image', async () => {
  const facts = await inspect();
  expect(facts).toMatchObject({
    purl: `pkg:oci/files@${encodeURIComponent(DIGEST)}?repository_url=${encodeURIComponent(registry.url.host)}%2Facme%2Ffiles`,
    ecosystem: 'oci',
    requested: '1.0',
    resolved: { kind: 'present', value: DIGEST },
    integrity: { kind: 'present', value: DIGEST },
    evidence: {
      source: { kind: 'present', value: { registry: registry.url.origin } },
      signature: { kind: 'absent' },
      provenance: { kind: 'unknown' },
      publishedAt: { kind: 'unknown' },
    },
  });
  expect(registry.requests[0]).toMatchObject({ path: '/v2/acme/files/manifests/1.0', authorization: '' });
  for (const type of [INDEX_TYPE, MANIFEST_TYPE, DOCKER_TYPE]) expect(registry.requests[0]?.accept).toContain(type);
});

describe('what an image is', () => {
  const OTHER = 'c'.repeat(64);
  const ROWS: readonly (readonly [string, () => void, string, string, string])[] = [
    [
      'a tag that moved',
      () => {
        publish('1.0', MANIFEST, MANIFEST_TYPE);
      },
      ':1.0',
      OF_MANIFEST,
      'present',
    ],
    [
      'no tag, which is latest',
      () => {
        publish('latest', MANIFEST, MANIFEST_TYPE);
      },
      '',
      OF_MANIFEST,
      'present',
    ],
    [
      'a manifest of Docker',
      () => {
        publish('1.0', dockerManifest(), DOCKER_TYPE);
      },
      ':1.0',
      'sha256:412530cbc2e0a19e63b7aafc1c3a49a8f244da272047555ca27062981744029f',
      'present',
    ],
    [
      'a registry that names no digest',
      () => {
        paths['/v2/acme/files/manifests/1.0'] = { headers: { 'content-type': INDEX_TYPE }, body: INDEX };
      },
      ':1.0',
      DIGEST,
      'present',
    ],
    [
      'the digest that the command names',
      () => {
        publish(DIGEST);
      },
      `@${DIGEST}`,
      DIGEST,
      'present',
    ],
    [
      'the digest beside a tag, which does not count',
      () => {
        publish(DIGEST);
        publish('1.0', MANIFEST, MANIFEST_TYPE);
      },
      `:1.0@${DIGEST}`,
      DIGEST,
      'present',
    ],
    [
      'a digest in the header that lies',
      () => {
        publish('1.0', INDEX, INDEX_TYPE, { 'docker-content-digest': `sha256:${OTHER}` });
      },
      ':1.0',
      DIGEST,
      'contradicts',
    ],
    [
      'a digest of another kind in the header that lies',
      () => {
        publish('1.0', INDEX, INDEX_TYPE, { 'docker-content-digest': `sha512:${OTHER}` });
      },
      ':1.0',
      DIGEST,
      'contradicts',
    ],
    [
      'other bytes under the digest that the command names',
      () => {
        publish(DIGEST, MANIFEST, MANIFEST_TYPE);
      },
      `@${DIGEST}`,
      DIGEST,
      'contradicts',
    ],
    [
      'other bytes whose header says the digest of the command',
      () => {
        publish(DIGEST, MANIFEST, MANIFEST_TYPE, { 'docker-content-digest': DIGEST });
      },
      `@${DIGEST}`,
      DIGEST,
      'contradicts',
    ],
    ['a digest that the registry does not have', () => undefined, `@${DIGEST}`, DIGEST, 'contradicts'],
  ];
  test.each(ROWS)('%s', async (_, prepare, after, resolved, integrity) => {
    prepare();
    const facts = await inspect(after);
    expect(facts.resolved).toEqual({ kind: 'present', value: resolved });
    expect(facts.integrity.kind).toBe(integrity);
  });

  function dockerManifest(): Buffer {
    return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: DOCKER_TYPE, config: {}, layers: [] }));
  }
});

describe('nothing is fine where the registry gives no manifest', () => {
  const serve = (served: Served) => () => {
    paths['/v2/acme/files/manifests/1.0'] = served;
  };
  const manifest = (value: object, type = MANIFEST_TYPE) => serve({ headers: { 'content-type': type }, body: value });
  const ROWS: readonly (readonly [string, () => unknown, boolean])[] = [
    [
      'unreachable',
      async () => {
        await registry.close();
      },
      true,
    ],
    ['it fails', serve({ status: 503 }), true],
    ['it is asked too often', serve({ status: 429 }), true],
    ['it does not have the tag', serve({ status: 404 }), false],
    ['it wants to know who asks', serve({ status: 403 }), false],
    ['it sends elsewhere', serve({ status: 307, headers: { location: 'https://evil.example/' } }), false],
    ['a page', serve({ headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') }), false],
    ['no type', serve({ body: MANIFEST }), false],
    ['another type than the bytes say', manifest({ schemaVersion: 2, mediaType: DOCKER_TYPE, layers: [] }), false],
    ['an index under the type of a manifest', manifest({ schemaVersion: 2, manifests: [] }), false],
    ['an index that is a manifest too', manifest({ schemaVersion: 2, manifests: [], layers: [] }, INDEX_TYPE), false],
    ['the old form', manifest({ schemaVersion: 1, layers: [] }), false],
  ];
  test.each(ROWS)('%s', async (_, prepare, isPassing) => {
    await prepare();
    const facts = await inspect();
    const all = [facts.resolved, facts.integrity, ...Object.values(facts.evidence)];
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['unknown']));
    expect(facts.resolved).toEqual({
      kind: 'unknown',
      why: expect.any(String) as string,
      ...(isPassing ? { isPassing } : {}),
    });
  });
  afterEach(async () => {
    registry = await startStandIn(() => undefined);
  });
});

describe('a registry that asks for a token first', () => {
  const bearer = (realm: string): string =>
    `Bearer realm="${realm}",service="registry.example",scope="repository:acme/files:pull"`;
  const TOKEN_PATH = '/token?service=registry.example&scope=repository%3Aacme%2Ffiles%3Apull';

  test.each([
    ['token', { token: 'abc.def' }],
    ['access_token', { access_token: 'abc.def' }],
  ])('is given it, once, from "%s"', async (_, body) => {
    challenge = { token: 'abc.def', header: bearer(new URL('/token', registry.url).href) };
    paths[TOKEN_PATH] = { body };
    expect((await inspect()).integrity).toEqual({ kind: 'present', value: DIGEST });
    const asked = registry.requests.map(({ path }) => path.replace(/sha256[-:][0-9a-f]+/, 'DIGEST'));
    expect(asked).toEqual([
      '/v2/acme/files/manifests/1.0',
      TOKEN_PATH,
      '/v2/acme/files/manifests/1.0',
      '/v2/acme/files/referrers/DIGEST',
      '/v2/acme/files/manifests/DIGEST.sig',
    ]);
  });

  const ROWS: readonly (readonly [string, string, Served | undefined])[] = [
    ['by password', 'Basic realm="x"', undefined],
    ['with no address', 'Bearer service="x"', undefined],
    ['with an address that is none', bearer('token'), undefined],
    ['with an address of this network, without TLS', bearer('http://192.0.2.1/token'), undefined],
    ['that is not given to everybody', bearer('SELF/token'), { status: 401 }],
    ['in another shape', bearer('SELF/token'), { body: { token: 7 } }],
    ['that would add a header', bearer('SELF/token'), { body: { token: 'a\r\nx: y' } }],
    ['that it does not take itself', bearer('SELF/token'), { body: { token: 'other' } }],
  ];
  test.each(ROWS)('%s, says nothing', async (_, header, served) => {
    challenge = { token: 'abc', header: header.replace('SELF', registry.url.origin) };
    if (served !== undefined) paths[TOKEN_PATH] = served;
    const { resolved } = await inspect();
    expect(resolved).toEqual({ kind: 'unknown', why: expect.any(String) as string });
  });
});

describe('a signature', () => {
  const tag = `/v2/acme/files/manifests/${DIGEST.replace(':', '-')}.sig`;
  const referrers = `/v2/acme/files/referrers/${DIGEST}`;
  const listed = (artifactType: string): Served => ({
    headers: { 'content-type': INDEX_TYPE },
    body: { schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [{ artifactType }] },
  });
  const signed: Served = { headers: { 'content-type': MANIFEST_TYPE }, body: MANIFEST };
  const ROWS: readonly (readonly [string, Readonly<Record<string, Served>>, object])[] = [
    ['under the tag of cosign', { [tag]: signed }, found('cosign')],
    [
      'that refers to the image',
      { [referrers]: listed('application/vnd.dev.cosign.artifact.sig.v1+json') },
      found('cosign'),
    ],
    ['as a bundle', { [referrers]: listed('application/vnd.dev.sigstore.bundle.v0.3+json') }, found('sigstore bundle')],
    [
      'of two kinds',
      { [tag]: signed, [referrers]: listed('application/vnd.cncf.notary.signature') },
      found('cosign', 'notation'),
    ],
    ['that is none, but a list of parts', { [referrers]: listed('application/spdx+json') }, { kind: 'absent' }],
    ['that cannot be asked for', { [tag]: { status: 503 } }, { kind: 'unknown', isPassing: true }],
    ['whose list is none', { [referrers]: { body: { errors: [] } } }, { kind: 'unknown' }],
    ['that is no manifest', { [tag]: { body: Buffer.from('<html>') } }, { kind: 'unknown' }],
  ];
  test.each(ROWS)('%s', async (_, served, expected) => {
    Object.assign(paths, served);
    expect((await inspect()).evidence.signature).toMatchObject(expected);
  });

  function found(...kinds: readonly string[]): object {
    return { kind: 'present', value: { found: kinds, verified: false } };
  }

  test('is not looked for where the bytes are not those that are named', async () => {
    Object.assign(paths, { [tag]: signed });
    publish('1.0', INDEX, INDEX_TYPE, { 'docker-content-digest': digestOf(MANIFEST) });
    expect((await inspect()).evidence.signature).toMatchObject({ kind: 'contradicts' });
  });
});

test.each([
  ['alpine', 'https://registry-1.docker.io/v2/', 'library/alpine'],
  ['acme/files', 'https://registry-1.docker.io/v2/', 'acme/files'],
  ['docker.io/alpine', 'https://registry-1.docker.io/v2/', 'library/alpine'],
  ['index.docker.io/acme/files', 'https://registry-1.docker.io/v2/', 'acme/files'],
  ['ghcr.io/acme/files', 'https://ghcr.io/v2/', 'acme/files'],
  ['registry.example:5000/acme/files', 'https://registry.example:5000/v2/', 'acme/files'],
  ['localhost/files', 'http://localhost/v2/', 'files'],
  ['127.0.0.1:5000/files', 'http://127.0.0.1:5000/v2/', 'files'],
  ['localhost.evil.example/files', 'https://localhost.evil.example/v2/', 'files'],
  ['ghcr.io?x=/files', undefined, undefined],
  ['ghcr.io/../files', undefined, undefined],
  ['ghcr.io/Files', undefined, undefined],
])('%s is asked at %s', (repository, api, name) => {
  const reference = readReference({ kind: 'image', repository, tag: undefined, digest: undefined });
  expect([reference?.api.href, reference?.name]).toEqual([api, name]);
});

test('which registry podman takes a short name from is not known', async () => {
  const identity = identifyLaunch({ command: 'podman', args: ['run', 'alpine'], env: {} });
  const context = { cwd: '/', env: {}, command: 'podman', signal: AbortSignal.timeout(10_000) };
  expect((await createOciSource().inspect(identity, context)).resolved).toEqual({
    kind: 'unknown',
    why: 'which registry it is from is not in its name',
  });
  expect((await inspect(':1.0', 'podman')).resolved).toEqual({ kind: 'present', value: DIGEST });
});
