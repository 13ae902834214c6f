import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { readExactly } from '../../src/cli/exact-file.js';
import { findLock } from '../../src/cli/lock-file.js';
import { readAtMost } from '../../src/cli/read-at-most.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-read-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a file is read to its last byte, and no further than the limit', () => {
  const file = join(folder, 'a');
  writeFileSync(file, 'x'.repeat(200_000));
  expect(readAtMost(file, 200_000).bytes.toString()).toBe('x'.repeat(200_000));
  expect(() => readAtMost(file, 199_999)).toThrow('larger than 199999 bytes');
  writeFileSync(file, '');
  expect(readAtMost(file, 0).bytes).toHaveLength(0);
});

test.runIf(process.platform === 'linux')('a file that says it has no bytes and has some is read to the limit', () => {
  expect(() => readAtMost('/proc/self/status', 10)).toThrow('larger than 10 bytes');
  expect(readAtMost('/proc/self/status', 100_000).bytes.toString()).toContain('Pid:');
});

test.runIf(process.platform === 'linux')('a file that does not end is no settings and no lock', () => {
  const file = join(folder, 'endless');
  symlinkSync('/proc/self/pagemap', file);
  expect(readExactly(file)).toEqual({ kind: 'unreadable', why: 'larger than 67108864 bytes' });
  expect(() => findLock(file)).toThrow('larger than 67108864 bytes');
});

test.runIf(process.platform !== 'win32')('a pipe is not waited for', () => {
  const file = join(folder, 'pipe');
  execFileSync('mkfifo', [file]);
  expect(readExactly(file)).toEqual({ kind: 'unreadable', why: 'it is no file' });
  expect(() => findLock(file)).toThrow('it is no file');
});
