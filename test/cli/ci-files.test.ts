import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';

import { type Bench, createBench, HONEST, POISONED } from './world.js';

const ROOT = join(import.meta.dirname, '..', '..');

let bench: Bench;
beforeEach(async () => {
  bench = createBench();
  bench.configure(['weather']);
  bench.serve('weather', [HONEST]);
  await bench.sealwatch('lock');
});
afterEach(() => {
  bench.close();
});

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly { readonly run: string }[] };
}

/** What the last step of the action does, as a runner would. */
function runAction(inputs: Readonly<Record<string, string>>): number {
  const { runs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
  expect(runs.using).toBe('composite');
  writeFileSync(join(bench.folder, 'step.sh'), runs.steps.at(-1)?.run ?? 'exit 99');
  const env = { PATH: process.env['PATH'], SEALWATCH_MAIN: join(ROOT, 'dist', 'main.js'), ...inputs };
  try {
    execFileSync('bash', ['-e', 'step.sh'], { cwd: bench.folder, env, stdio: 'pipe' });
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

test('the action passes where the servers are as locked, and fails where they are not', () => {
  const inputs = { CONFIG: 'sealwatch.yaml', LOCK: '', SARIF: 'a b.sarif', JUNIT: '' };
  expect(runAction(inputs)).toBe(0);
  bench.serve('weather', [POISONED]);
  expect(runAction({ ...inputs, LOCK: 'sealwatch.lock.json', JUNIT: 'a.xml' })).toBe(1);
  expect(readFileSync(join(bench.folder, 'a b.sarif'), 'utf8')).toContain('lock/instruction');
  expect(readFileSync(join(bench.folder, 'a.xml'), 'utf8')).toContain('failures="1"');
}, 60_000);

test('the action writes no SARIF where none is wanted', () => {
  expect(runAction({ CONFIG: 'sealwatch.yaml', LOCK: '', SARIF: '', JUNIT: '' })).toBe(0);
  expect(readdirSync(bench.folder).filter((name) => name.endsWith('.sarif'))).toEqual([]);
}, 60_000);

test('an input of the action is no part of its script', () => {
  const text = readFileSync(join(ROOT, 'action.yml'), 'utf8');
  const { runs } = parse(text) as Action;
  for (const { run } of runs.steps) expect(run).not.toContain('${{');
});

test('the hook runs a command that there is', async () => {
  const [hook, ...others] = parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) as {
    readonly entry: string;
  }[];
  expect(others).toEqual([]);
  const [, , program, ...args] = hook?.entry.split(' ') ?? [];
  expect(program).toBe('sealwatch');
  expect((await bench.sealwatch(...args)).exitCode).toBe(0);
});

test('the hook looks whatever was changed: a server depends on more files than can be listed', () => {
  expect(parse(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'))).toMatchObject([
    { always_run: true, pass_filenames: false },
  ]);
});
