import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** Returns what a source file imports, itself or through others, that is no source file; types are no imports. */
function outsideOf(entry: string): readonly string[] {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    for (const { fileName } of ts.preProcessFile(outputText, true, true).importedFiles) {
      if (!fileName.startsWith('.')) outside.add(fileName);
      else visit(sourceOf(join(dirname(path), fileName)));
    }
  };
  visit(entry);
  return [...outside].sort();
}

function sourceOf(path: string): string {
  return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].find(existsSync)!;
}

test('the library loads neither the store nor the SDK, and nothing that opens a connection or starts a process', () => {
  expect(outsideOf(join(ROOT, 'src', 'index.ts'))).toEqual([
    'diff',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:path',
    'node:timers/promises',
    'node:url',
    're2js',
    'semver',
    'yaml',
    'zod',
  ]);
});

test('this would be seen: the command line loads them', () => {
  const outside = outsideOf(join(ROOT, 'src', 'main.ts'));
  expect(outside).toEqual(expect.arrayContaining(['better-sqlite3', 'node:child_process', 'undici']));
});

test('importing it prints nothing, loads no native module, and leaves nothing running', async () => {
  const program = `
    await import('sealwatch');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { sharedObjects } = process.report.getReport();
    console.log(JSON.stringify({
      native: sharedObjects.filter((path) => path.endsWith('.node')),
      running: process.getActiveResourcesInfo().filter((kind) => !kind.endsWith('Wrap')),
    }));`;
  // A package may import itself by its name, as others would: this goes through "exports".
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    timeout: 60_000,
  });
  expect({ stdout: JSON.parse(stdout) as unknown, stderr }).toEqual({
    stdout: { native: [], running: [] },
    stderr: '',
  });
});
