import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { manPage } from './man-page.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = join(ROOT, 'man', 'sealwatch.1');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly man: string;
  readonly files: readonly string[];
};

test('the man page says what the program says; where not, `npm run man` writes it', async () => {
  await expect(manPage(manifest.version)).toMatchFileSnapshot(PAGE);
});

test('the man page is installed with the package', () => {
  expect([manifest.man, manifest.files.includes('man/*.1')]).toEqual(['man/sealwatch.1', true]);
});

test('text of a command can be no request of the formatter', () => {
  const requests = [...manPage('0').matchAll(/^[.'](\S+)/gm)].map(([, name]) => name);
  expect([...new Set(requests)].sort()).toEqual(['B', 'I', 'PP', 'SH', 'SS', 'TH', 'TP', '\\"', 'fi', 'nf'].sort());
});

test.skipIf(spawnSync('groff', ['--version']).status !== 0)(
  'groff has no warning about it, and shows its options',
  () => {
    const input = manPage(manifest.version);
    const { stderr, status } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-z'], { input, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const shown = execFileSync('groff', ['-man', '-Tascii', '-P-cbou'], { input, encoding: 'utf8' });
    expect(shown).toContain('--state-dir <dir>');
  },
);
