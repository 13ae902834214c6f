import { execFileSync, spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { bashCompletion } from '../../src/cli/completion/bash.js';
import { describeProgram } from '../../src/cli/completion/describe-program.js';
import { fishCompletion } from '../../src/cli/completion/fish.js';
import { zshCompletion } from '../../src/cli/completion/zsh.js';
import { createProgram } from '../../src/cli/program.js';

const output = { write: () => true };
const commands = describeProgram(
  await createProgram({ stdout: output, stderr: output }, () => () => () => Promise.resolve()),
);

/** Stands in for the program: says which configuration it was asked about. */
const STUB = `sealwatch() { if [[ "$*" == *complete-servers ]]; then echo github; echo gitlab; echo "from-\${2// /_}"; fi; }`;

/** What bash offers for the last word. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `${STUB}\n${bashCompletion(commands)}
COMP_WORDS=(sealwatch "$@"); COMP_CWORD=$#; _sealwatch; printf '%s\\n' "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"`;
  return execFileSync('bash', ['-u', '-c', script, 'bash', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean);
}

test.each<[string, readonly string[], readonly string[]]>([
  ['a command by its first letters', ['aud'], ['audit']],
  ['a command of a command', ['audit', ''], ['verify']],
  ['a command behind an option with a value', ['--config', 'audit', 'sho'], ['show']],
  ['an option of a command', ['serve', '--log-f'], ['--log-format']],
  ['an option of the program behind a command', ['serve', '--state'], ['--state-dir']],
  ['the values of an option', ['serve', '--log-format', ''], ['human', 'json']],
  ['the shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['servers', ['run', 'g'], ['github', 'gitlab']],
  ['servers of the configuration that is named', ['--config', 'a b', 'scan', 'from'], ['from-a_b']],
  ['servers as the value of an option', ['approve', '--all', '--server', 'gith'], ['github']],
  ['names of files, by bash itself', ['--config', 'seal'], []],
  ['nothing that is hidden', ['complete-s'], []],
  ['nothing for what no shell can know', ['waive', ''], []],
  ['what is typed as it stands, and not what it expands to', ['$(echo audit)'], []],
])('bash completes %s', (_what, words, expected) => {
  expect(offered(...words)).toEqual(expected);
});

test('a value of an option is no command', () => {
  expect(offered('--state-dir', 'audit', 'verif')).toEqual([]);
});

test.each([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
])('the script for %s names every command that the help lists, and every option', (_shell, completionOf) => {
  const script = completionOf(commands);
  for (const { subcommands, options } of commands) {
    for (const { name } of subcommands) expect(script).toContain(name);
    for (const { name } of options) expect(script).toContain(name.slice(2));
  }
});

test('bash can read its script', () => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: bashCompletion(commands), encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
