import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '..', 'src');

/** Which folder may import which. A row names only rows above it, so there can be no circle. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  ports: [],
  integrity: [],
  lock: ['integrity'],
  scan: [],
  policy: [],
  render: [],
  clients: [],
  config: ['policy'],
  monitor: ['integrity', 'scan', 'policy', 'ports'],
  mcp: ['integrity', 'policy', 'ports'],
  'supply-chain': ['integrity', 'policy', 'ports'],
  store: ['ports'],
  notify: ['render', 'ports'],
  judge: ['ports'],
  'sign-in': ['ports'],
  telemetry: ['ports'],
  gateway: ['integrity', 'scan', 'policy', 'render', 'ports', 'monitor', 'mcp'],
  web: ['render', 'ports', 'monitor'],
  cli: [
    'integrity',
    'lock',
    'scan',
    'policy',
    'render',
    'clients',
    'ports',
    'config',
    'monitor',
    'mcp',
    'supply-chain',
    'store',
    'notify',
    'judge',
    'sign-in',
    'telemetry',
    'gateway',
    'web',
  ],
  library: ['integrity', 'scan', 'policy', 'render', 'monitor', 'cli'],
};

/** Everyone may use the vocabulary, the errors and the quoting; these name only themselves. */
const FOR_ALL = ['errors', 'quote', 'model'];

const PURE = ['errors', 'quote', 'model', 'ports', 'integrity', 'lock', 'scan', 'policy', 'render', 'clients'];

const IMPURE = [
  /\bprocess\s*[.[]/,
  /\bconsole\s*\./,
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bMath\.random\b/,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bperformance\s*\./,
  /\bglobalThis\b/,
  /\bfetch\(/,
];

interface SourceFile {
  readonly path: string;
  readonly module: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path): SourceFile => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
    return { path, module: moduleOf(path), text, imports };
  });

function moduleOf(path: string): string {
  return path.split(sep)[0]!.replace(/\.tsx?$/, '');
}

function importedModules(file: SourceFile): readonly string[] {
  return file.imports
    .filter((name) => name.startsWith('.'))
    .map((name) => moduleOf(relative(SRC, join(SRC, file.path, '..', name)).replace(/\.js$/, '')));
}

/** Code without comments and string contents, so that a sentence about `process.` is not taken for a use of it. */
function codeOnly(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.JSX, text);
  const parts: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const isText = kind === ts.SyntaxKind.StringLiteral || kind === ts.SyntaxKind.NoSubstitutionTemplateLiteral;
    parts.push(isText ? '""' : scanner.getTokenText());
  }
  return parts.join('');
}

describe('the import table', () => {
  test('sees the code: every folder of the table that exists has files, and they import something', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(files.filter(({ imports }) => imports.length > 0).length).toBeGreaterThan(50);
  });

  test('a row names only rows above it', () => {
    const rows = Object.keys(MAY_IMPORT);
    const upward = rows.flatMap((row, index) =>
      MAY_IMPORT[row]!.filter((name) => rows.indexOf(name) >= index).map((name) => `${row} names ${name}`),
    );
    expect(upward).toEqual([]);
  });

  test('every import is in it', () => {
    const refused = files.flatMap((file) =>
      importedModules(file)
        .filter((target) => target !== file.module && !isAllowed(file.module, target))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(refused).toEqual([]);
  });

  test('no file lies in a folder that the table does not know', () => {
    const known = [...Object.keys(MAY_IMPORT), ...FOR_ALL, 'main', 'index'];
    expect(files.filter((file) => !known.includes(file.module)).map((file) => file.path)).toEqual([]);
  });

  test('files within a folder do not import each other in a circle', () => {
    expect(findCircle()).toBeUndefined();
  });
});

describe('the pure modules', () => {
  const pure = files.filter((file) => PURE.includes(file.module));

  test('import nothing of Node but node:crypto', () => {
    const refused = pure.flatMap((file) =>
      file.imports
        .filter((name) => name.startsWith('node:') && name !== 'node:crypto')
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(refused).toEqual([]);
  });

  test('use no clock, no randomness, no environment and no output', () => {
    const refused = pure.flatMap((file) =>
      IMPURE.filter((pattern) => pattern.test(codeOnly(file.text))).map(
        (pattern) => `${file.path} uses ${pattern.source}`,
      ),
    );
    expect(refused).toEqual([]);
  });
});

test('only the command line uses the process, the console and exit codes', () => {
  const outside = files.filter((file) => !['cli', 'main'].includes(file.module));
  const refused = outside.filter((file) =>
    /\bconsole\s*\.|\bprocess\s*\.\s*(exit|argv|stdout|stdin)\b/.test(codeOnly(file.text)),
  );
  expect(refused.map((file) => file.path)).toEqual([]);
});

function isAllowed(from: string, to: string): boolean {
  if (FOR_ALL.includes(from)) return FOR_ALL.includes(to) && (from === 'model' || to !== 'model');
  if (from === 'main') return to === 'cli';
  if (from === 'index') return true;
  return FOR_ALL.includes(to) || (MAY_IMPORT[from]?.includes(to) ?? false);
}

function findCircle(): string | undefined {
  const targets = new Map(
    files.map((file) => [
      file.path,
      file.imports
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(SRC, join(SRC, file.path, '..', name)).replace(/\.js$/, ''))
        .flatMap((base) => files.filter((other) => other.path.replace(/\.tsx?$/, '') === base).map(({ path }) => path)),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    if (done.has(path)) return undefined;
    for (const target of targets.get(path) ?? []) {
      const circle = visit(target, [...trail, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
