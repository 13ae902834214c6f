import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { list } from 'tar';

import { PACKAGE, ROOT } from './project.mjs';

/** Files that the program or a person needs and nothing else would miss. */
const NEEDED = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'SECURITY.md',
  'data/confusables/confusables.txt',
  'data/demo/demo-server.mjs',
  'data/demo/sealwatch.yaml',
  'data/learned-model.json',
  'data/lock/sealwatch.lock.v1.schema.json',
  'data/popular-packages.txt',
  'data/systemd/sealwatch.service',
  'dist/cli/completion/bash.js',
  'dist/cli/completion/fish.js',
  'dist/cli/completion/zsh.js',
  'dist/cli/output-worker.js',
  'dist/cli/scan-worker.js',
  'dist/index.d.ts',
  'dist/index.js',
  'dist/main.js',
  'man/sealwatch.1',
  'package.json',
  'rules/pack.yml',
];

/** Folders at the top, and files beside them. */
const ALLOWED = /^(?:dist|rules|data|docs|man|src)\/|^(?:CHANGELOG|README|SECURITY)\.md$|^LICENSE$|^package\.json$/;

/** What only somebody who works on the product uses. */
const REFUSED =
  /(?:^|\/)(?:test|tests|corpus)\/|\.test\.|\.map$|\.tsbuildinfo$|\/refresh\.|^src\/.*(?<!\.md)$|\.tgz$|(?:^|\/)\.[^/]*$/;

/** Links to what is only in the repository: the image is built there, the code map is of the sources, and tests are run there. */
const NOT_SHIPPED = [
  'Dockerfile',
  'compose.yaml',
  'src/README.md',
  'test/conformance/expected-failures.yml',
  'test/eval/README.md',
];

/** Returns the tarball, after comparing what is in it with what it should hold. */
export async function checkContents(folder) {
  const [{ filename, version }] = JSON.parse(readFileSync(join(folder, 'pack.json'), 'utf8'));
  assert.equal(version, PACKAGE.version);
  const tarball = join(folder, filename);
  const files = await readTarball(tarball);
  const names = [...files.keys()];
  assert.deepEqual(
    expected().filter((name) => !files.has(name)),
    [],
    'missing',
  );
  assert.deepEqual(
    names.filter((name) => !ALLOWED.test(name) || REFUSED.test(name)),
    [],
    'should not be there',
  );
  assert.deepEqual(
    names.filter((name) => isOutlived(name)),
    [],
    'built from a source that is gone',
  );
  const code = names.filter((name) => name.startsWith('dist/'));
  assert.deepEqual(
    code.filter((name) => files.get(name).includes('sourceMappingURL')),
    [],
    'point to a source map',
  );
  assert.deepEqual(
    names.flatMap((name) => deadLinks(name, files)),
    [],
    'link to what is not there',
  );
  assert.match(files.get('dist/main.js'), /^#!\/usr\/bin\/env node\n/);
  return { tarball };
}

async function readTarball(file) {
  const files = new Map();
  await list({
    file,
    onReadEntry: (entry) => {
      const chunks = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () => files.set(entry.path.replace(/^package\//, ''), Buffer.concat(chunks).toString('utf8')));
    },
  });
  return files;
}

/** Every rule, every page, and what every source file is built into. */
function expected() {
  const below = (name) => readdirSync(join(ROOT, name), { recursive: true }).map((path) => `${name}/${path}`);
  const built = below('src').flatMap((path) => {
    const [, stem] = /^src\/(.*?)(?<!\.d)\.tsx?$/.exec(path) ?? [];
    return stem === undefined ? [] : [`dist/${stem}.js`, `dist/${stem}.d.ts`];
  });
  assert.ok(built.length > 500, 'the sources were found');
  const rules = below('rules').filter((path) => /\.(?:ya?ml|md)$/.test(path));
  const pages = below('docs').filter((path) => path.endsWith('.md'));
  return [...NEEDED, ...built, ...rules, ...pages];
}

/** A folder of an earlier build may still hold what has no source any more. */
function isOutlived(name) {
  const [, stem] = /^dist\/(.*?)(?:\.d)?\.[jt]s$/.exec(name) ?? [];
  return stem !== undefined && !SOURCES.has(stem);
}

const SOURCES = new Set(
  readdirSync(join(ROOT, 'src'), { recursive: true }).map((path) => path.replaceAll('\\', '/').replace(/\.tsx?$/, '')),
);

function deadLinks(name, files) {
  if (!name.endsWith('.md')) return [];
  const targets = Array.from(files.get(name).matchAll(/\]\(([^()\s#:]+)(?:#[^()\s]*)?\)/g), ([, target]) => target);
  return targets
    .map((target) =>
      normalize(join(dirname(name), target))
        .replaceAll('\\', '/')
        .replace(/\/$/, ''),
    )
    .filter((path) => !files.has(path) && !NOT_SHIPPED.includes(path))
    .map((path) => `${name} → ${path}`);
}
