import { createHash } from 'node:crypto';

import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Registry, startRegistry } from '../servers/start-registry.js';
import { serverOf } from '../servers/one-tool-server.js';
import { useRegistry } from './package-world.js';
import { type Bench, createBench, HONEST } from './world.js';

const ENV = { TOKEN: 'hunter2hunter2' };

let bench: Bench;
let registry: Registry;
beforeAll(async () => {
  bench = createBench();
  registry = await startRegistry();
  useRegistry(bench, registry.url);
  await registry.publish({ name: 'almanac', version: '1.0.0', manifest: { license: 'MIT' } });
  await registry.publish({
    name: '@acme/weather',
    version: '1.4.1',
    program: serverOf(HONEST),
    manifest: { license: 'Apache-2.0', dependencies: { almanac: '^1.0.0' }, bin: { weather: 'index.js' } },
  });
  const pins = [pin('a'), pin('b')];
  bench.configure([], {
    servers: {
      weather: { command: 'npx', args: ['-y', '@acme/weather@^1.0.0'], package: { run: 'approved', trial: 'plain' } },
      asked: { command: 'npx', args: ['-y', '@acme/weather', '--token', '${TOKEN}', 'literal-secret'] },
      remote: { url: 'https://127.0.0.1:1/mcp?key=literal-secret', network: 'private', pins },
      gone: { command: 'npx', args: ['-y', 'nobody-has-it'] },
    },
  });
  for (const command of ['init', 'scan']) await bench.sealwatchWith(ENV, command);
});
afterAll(async () => {
  await registry.close();
  bench.close();
});

function pin(letter: string): string {
  return `sha256/${createHash('sha256').update(letter).digest('base64')}`;
}

interface Bom {
  readonly components: readonly {
    readonly name: string;
    readonly purl?: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    readonly licenses?: readonly object[];
    readonly properties?: readonly { readonly name: string; readonly value: string }[];
  }[];
  readonly services: readonly object[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly object[];
}

async function sbom(
  ...names: readonly string[]
): Promise<{ readonly exitCode: number | null; readonly bom: Bom; readonly text: string }> {
  const { exitCode, stdout, stderr } = await bench.sealwatchWith(ENV, 'sbom', ...names);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, bom: JSON.parse(stdout) as Bom, text: stdout };
}

test('the inventory is what CycloneDX 1.6 asks for', async () => {
  const { text } = await sbom();
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate('{"bomFormat":"x"}')).not.toBeNull();
});

test('a server that runs as approved is listed with what it is made of once somebody approved it', async () => {
  const { stdout } = await bench.sealwatchWith(ENV, 'approver', 'add', 'alice', '--yes', '--json');
  const { token } = JSON.parse(stdout) as { token: string };
  await bench.sealwatchWith({ ...ENV, SEALWATCH_APPROVER_TOKEN: token }, 'approve', '--all', '--yes');
  const { exitCode, bom } = await sbom('weather');
  expect(exitCode).toBe(0);
  const own = bom.components.find(({ purl }) => purl === 'pkg:npm/%40acme/weather@1.4.1');
  expect(own).toMatchObject({ name: 'weather', group: '@acme', licenses: [{ license: { name: 'Apache-2.0' } }] });
  expect(own?.hashes?.[0]).toMatchObject({
    alg: 'SHA-512',
    content: expect.stringMatching(/^[0-9a-f]{128}$/) as string,
  });
  const [weather] = bom.dependencies;
  expect(weather?.ref).toBe('server:weather');
  expect(weather?.dependsOn.map((ref) => ref.split('#')[0])).toEqual([
    'pkg:npm/%40acme/weather@1.4.1',
    'pkg:npm/almanac@1.0.0',
  ]);
  expect(bom.compositions).toEqual([{ aggregate: 'complete', dependencies: ['server:weather'] }]);
  const tools = bom.components
    .flatMap(({ properties = [] }) => properties)
    .filter(({ name }) => name === 'sealwatch:tool');
  expect(tools.map(({ value }) => JSON.parse(value) as object)).toEqual([
    { name: 'get_weather', version: expect.any(String) as string, verdict: 'allow' },
  ]);
});

test('what a server needs that is started from the registry is not known, and said to be so', async () => {
  const { exitCode, bom, text } = await sbom('asked');
  expect(exitCode).toBe(0);
  expect(bom.compositions).toEqual([{ aggregate: 'unknown', dependencies: ['server:asked'] }]);
  for (const secret of ['TOKEN', 'hunter2hunter2', 'literal-secret']) expect(text).not.toContain(secret);
});

test('what could not be told stands in the document and in the exit code', async () => {
  const { exitCode, bom } = await sbom('gone', 'remote');
  expect(exitCode).toBe(2);
  expect(JSON.stringify(bom.components)).toContain('sealwatch:could-not-tell');
  expect(bom.services).toMatchObject([{ name: 'remote', endpoints: ['https://127.0.0.1:1/mcp'] }]);
  expect(JSON.stringify(bom.services)).toContain(pin('a'));
});

test('resolve says the exact version, and with what', async () => {
  const { exitCode, stdout } = await bench.sealwatchWith(ENV, 'resolve', 'weather', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    servers: [
      {
        kind: 'resolved',
        server: 'weather',
        requested: '^1.0.0',
        name: '@acme/weather',
        version: '1.4.1',
        versions: { almanac: '1.0.0' },
      },
    ],
  });
  const text = await bench.sealwatchWith(ENV, 'resolve', 'weather');
  expect(text.stdout).toContain('installed with  1 other packages, sha256:');
});

test('resolve says what it could not find', async () => {
  const { exitCode, stdout } = await bench.sealwatchWith(ENV, 'resolve', 'gone');
  expect([exitCode, stdout]).toEqual([2, 'gone\n  could not tell: the registry does not have it\n']);
});
