import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Bench, createBench, POISONED } from './world.js';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
  bench.configure(['github']);
});
afterEach(() => {
  bench.close();
});

const OWN = `
id: no-cats
title: Speaks of cats, which no tool should
severity: high
confidence: high
maturity: experimental
all:
  - ['\\bcats?\\b']
  - ['@send']
why: A test.
remediation: None.
falsePositives: []
examples:
  match: [Sends a cat.]
  clean: [Sends a dog.]
`;

function writeRule(text: string, name = 'no-cats.yaml'): void {
  mkdirSync(join(bench.folder, 'own'), { recursive: true });
  writeFileSync(join(bench.folder, 'own', name), text);
}

describe('the rules that come with the program', () => {
  test('are listed, with what the configuration changes', async () => {
    bench.configure(['github'], {
      rules: { off: ['tool-preference', 'learned-model'], severity: { 'same-tool-name': 'info' } },
    });
    const { stdout } = await bench.sealwatch('rules', 'list', '--json');
    const { rules, version } = JSON.parse(stdout) as { rules: Record<string, unknown>[]; version: string };
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(rules.length).toBeGreaterThan(30);
    expect(rules.find(({ id }) => id === 'tool-preference')).toMatchObject({ off: true, class: 'shadowing' });
    expect(rules.find(({ id }) => id === 'same-tool-name')).toMatchObject({ off: false, severity: 'info' });
    expect((await bench.sealwatch('rules', 'list')).stdout).toMatch(/same-tool-name +info \(was low\)/);
  });

  test('each has a class, references and an explanation', async () => {
    const { stdout } = await bench.sealwatch('rules', 'list', '--json');
    const { rules } = JSON.parse(stdout) as { rules: { class: string; references: string[]; why: string }[] };
    for (const rule of rules) {
      expect(rule.class).not.toBe('');
      expect(rule.references.length).toBeGreaterThan(0);
      expect(rule.why.length).toBeGreaterThan(20);
    }
  });

  test('pass their own examples', async () => {
    const { exitCode, stdout } = await bench.sealwatch('rules', 'test');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^\d+ rules, \d+ examples, 0 failed\n$/)]);
  });

  test('can be looked at one by one', async () => {
    const { stdout } = await bench.sealwatch('rules', 'show', 'hide-from-user');
    expect(stdout).toContain('What to do: Reject it');
    expect((await bench.sealwatch('rules', 'show', 'hide-from-usr')).stderr).toContain('error NOT_FOUND');
  });

  test('a setting for a rule that is not there is refused', async () => {
    bench.configure(['github'], { rules: { off: ['tool-prefrence'] } });
    await bench.sealwatch('init');
    const { exitCode, stderr } = await bench.sealwatch('scan');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error RULE_INVALID')]);
    expect(stderr).toContain('tool-prefrence');
  });
});

describe('rules of one’s own', () => {
  test('are tested, and find what they are for', async () => {
    writeRule(OWN);
    const tested = await bench.sealwatch('rules', 'test', 'own');
    expect([tested.exitCode, tested.stdout]).toEqual([0, '1 rules, 2 examples, 0 failed\n']);
    bench.configure(['github'], { rules: { folders: ['./own'] } });
    expect((await bench.sealwatch('rules', 'list')).stdout).toMatch(/no-cats +high/);
  });

  test('an example that fails is shown', async () => {
    writeRule(OWN.replace('[Sends a dog.]', '[Sends a cat home.]'));
    const { exitCode, stdout } = await bench.sealwatch('rules', 'test', 'own');
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('no-cats finds it in, and should not')]);
  });

  test.each<[string, string, string, string]>([
    ['without a clean example', OWN.replace('  clean: [Sends a dog.]\n', ''), 'no-cats.yaml', 'examples.clean'],
    ['a pattern that re2 does not take', OWN.replace('\\bcats?\\b', '(?=cat)'), 'no-cats.yaml', 'not a re2 pattern'],
    ['a signal that is not there', OWN.replace('@send', '@sendd'), 'no-cats.yaml', 'there is no signal sendd'],
    [
      'the id of another rule',
      OWN.replace('no-cats', 'hide-from-user'),
      'hide-from-user.yaml',
      'two rules have the id',
    ],
    ['a reference that nobody can look up', `${OWN}references: [somewhere]\n`, 'no-cats.yaml', 'references'],
    ['a newer engine', 'name: own\nversion: 1.0.0\nengine: 99\n', 'pack.yml', 'needs rule engine 99'],
  ])('%s is a mistake', async (_, text, name, expected) => {
    writeRule(OWN);
    writeRule(text, name);
    const { exitCode, stdout } = await bench.sealwatch('rules', 'lint', 'own');
    expect([exitCode, stdout]).toEqual([3, expect.stringContaining(expected)]);
  });

  test('every mistake is told, not only the first', async () => {
    writeRule('id: a');
    writeRule('id: b', 'other.yaml');
    const { stdout } = await bench.sealwatch('rules', 'lint', 'own', '--json');
    expect((JSON.parse(stdout) as { mistakes: string[] }).mistakes).toHaveLength(2);
  });
});

describe('findings for other tools', () => {
  test('scan prints a SARIF log, with what is found and what could not be checked', async () => {
    bench.configure(['github', 'search']);
    bench.serve('github', [POISONED]);
    bench.serve('search', []);
    await bench.sealwatch('init');
    const { exitCode, stdout } = await bench.sealwatch('scan', '--sarif');
    const log = JSON.parse(stdout) as { version: string; runs: { results: { ruleId: string }[] }[] };
    expect([exitCode, log.version]).toEqual([1, '2.1.0']);
    expect(log.runs[0]?.results.map(({ ruleId }) => ruleId)).toContain('hide-from-user');
  });

  test('SARIF and JSON at once are a mistake', async () => {
    await bench.sealwatch('init');
    const { exitCode, stderr, stdout } = await bench.sealwatch('scan', '--sarif', '--json');
    expect([exitCode, `${stderr}${stdout}`]).toEqual([3, expect.stringContaining('choose one')]);
  });
});
