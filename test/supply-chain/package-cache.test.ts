import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { readNpmOptions } from '../../src/supply-chain/npm-options.js';
import { createNpmSource } from '../../src/supply-chain/npm-source.js';
import {
  createPackageCache,
  type Exact,
  type PackageCache,
  type Resolved,
} from '../../src/supply-chain/package-cache.js';
import { type Registry, startRegistry } from '../servers/start-registry.js';

let folder: string;
let registry: Registry;
let root: string;
let cache: PackageCache;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-cache-'));
  registry = await startRegistry();
  const lines = [`registry=${registry.url}/`, `cache=${join(folder, 'cache')}`, 'fetch-retries=0', ''];
  writeFileSync(join(folder, '.npmrc'), lines.join('\n'));
  await registry.publish({ name: 'words', version: '1.0.0' });
  await registry.publish({ name: 'notes', version: '1.0.0', manifest: { dependencies: { words: '^1.0.0' } } });
});
beforeEach(() => {
  root = mkdtempSync(join(folder, 'root-'));
  cache = createPackageCache(root);
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

const context = () => ({
  cwd: folder,
  env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
  signal: AbortSignal.timeout(60_000),
});

async function options(): ReturnType<typeof readNpmOptions> {
  return await readNpmOptions(context());
}

async function exact(name: string): Promise<Exact> {
  const identity = { kind: 'package', type: 'npm', name, requested: undefined } as const;
  const { resolved, integrity } = await createNpmSource({ tree: 'left' }).inspect(identity, context());
  if (resolved.kind !== 'present' || integrity.kind !== 'present') throw new Error(`${name} is not there`);
  return { name, version: resolved.value, integrity: integrity.value };
}

async function install(name: string): Promise<Resolved & { readonly exact: Exact; readonly folder: string }> {
  const wanted = await exact(name);
  const resolved = await cache.resolve(wanted, await options());
  return { ...resolved, exact: wanted, folder: await cache.folderOf(wanted, resolved.digest, await options()) };
}

const again = async ({ exact: wanted, digest }: Awaited<ReturnType<typeof install>>): Promise<string> =>
  await cache.folderOf(wanted, digest, await options());

test('code in a folder above, which Node would find, is refused', async () => {
  const project = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(project, 'node_modules'));
  cache = createPackageCache(join(project, '.sealwatch', 'packages'));
  await expect(install('notes')).rejects.toMatchObject({
    code: 'PACKAGE_NOT_INSTALLED',
    message: expect.stringContaining('packageDir') as string,
  });
});

test('an integrity of several hashes, of which npm takes whichever fits, is none', async () => {
  const other = `sha512-${createHash('sha512').update('other').digest('base64')}`;
  await registry.publish({ name: 'two-hashes', version: '1.0.0', listed: { dist: undefined } });
  const listed = await exact('words');
  await registry.publish({ name: 'doubted', version: '1.0.0', integrity: `${listed.integrity} ${other}` });
  await registry.publish({ name: 'user', version: '1.0.0', manifest: { dependencies: { doubted: '1.0.0' } } });
  await expect(install('user')).rejects.toMatchObject({ code: 'PACKAGE_NOT_INSTALLED' });
});

test('what a server writes beside its program is kept, and is no change', async () => {
  const installed = await install('notes');
  const data = join(installed.folder, 'node_modules', 'notes', 'memory.jsonl');
  writeFileSync(data, '{}');
  await again(installed);
  expect(readFileSync(data, 'utf8')).toBe('{}');
});

test.each([
  [
    'a changed file',
    (at: string) => {
      writeFileSync(join(at, 'index.js'), 'evil');
    },
  ],
  [
    'a file that was not there',
    (at: string) => {
      writeFileSync(join(at, 'helper.js'), 'evil');
    },
  ],
  [
    'a file without an extension, which Node finds first',
    (at: string) => {
      writeFileSync(join(at, 'helper'), 'evil');
    },
  ],
  [
    'data that may be run',
    (at: string) => {
      writeFileSync(join(at, 'x.txt'), 'evil', { mode: 0o755 });
    },
  ],
  [
    'a file that is gone',
    (at: string) => {
      rmSync(join(at, 'package.json'));
    },
  ],
  ['a pipe, which nobody writes to', (at: string) => execFileSync('mkfifo', [join(at, 'pipe.txt')])],
  ['a folder of code', (at: string) => mkdirSync(join(at, 'node_modules', 'words'), { recursive: true })],
])('%s has it installed again, and what was there is put aside', async (_, change) => {
  const installed = await install('notes');
  const own = join(installed.folder, 'node_modules', 'notes');
  const before = readFileSync(join(own, 'index.js'), 'utf8');
  change(own);
  await again(installed);
  expect(readFileSync(join(own, 'index.js'), 'utf8')).toBe(before);
  expect(
    existsSync(join(own, 'helper.js')) || existsSync(join(own, 'pipe.txt')) || existsSync(join(own, 'x.txt')),
  ).toBe(false);
  expect(existsSync(`${installed.folder}.changed`)).toBe(true);
});

test('many that repair at once all get a whole folder', async () => {
  const installed = await install('notes');
  writeFileSync(join(installed.folder, 'node_modules', 'notes', 'index.js'), 'evil');
  const folders = await Promise.all(Array.from({ length: 6 }, async () => await again(installed)));
  expect(new Set(folders)).toEqual(new Set([installed.folder]));
  expect(readFileSync(join(installed.folder, 'node_modules', 'notes', 'index.js'), 'utf8')).not.toBe('evil');
});

test('a note that was cut off is looked at anew', async () => {
  const installed = await install('notes');
  writeFileSync(`${installed.folder}.json`, '{"tree":');
  expect(await again(installed)).toBe(installed.folder);
});

test('what it was resolved to stays, though the registry goes on', async () => {
  await registry.publish({ name: 'leaf', version: '1.0.0' });
  await registry.publish({ name: 'tree', version: '1.0.0', manifest: { dependencies: { leaf: '^1.0.0' } } });
  const installed = await install('tree');
  await registry.publish({ name: 'leaf', version: '1.0.1' });
  rmSync(installed.folder, { recursive: true });
  expect(await again(installed)).toBe(installed.folder);
  expect((await cache.list(installed.digest))?.map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
    'leaf 1.0.0',
    'tree 1.0.0',
  ]);
});

test('a package that calls itself by the name of another is listed by its own', async () => {
  await registry.publish({ name: 'evil', version: '1.0.0', manifest: { name: 'lodash' }, listed: { name: 'evil' } });
  const { digest } = await install('evil');
  expect((await cache.list(digest))?.map(({ name }) => name)).toEqual(['evil']);
});

test.each([['git+http://127.0.0.1:1/x.git'], ['http://127.0.0.1:1/x.tgz'], ['file:../x']])(
  'a registry that names %s as a version is not followed',
  async (version) => {
    await registry.publish({ name: 'pointer', version: '1.0.0', listed: { version } });
    await expect(exact('pointer')).rejects.toThrow('pointer is not there');
    expect(registry.requests.filter((request) => request.includes('x.'))).toEqual([]);
  },
);
