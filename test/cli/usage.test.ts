import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { createProgram } from '../../src/cli/program.js';
import { type Bench, createBench, HONEST } from './world.js';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => {
  bench.close();
});

test.each([
  [['nope'], "error USAGE: unknown command 'nope'"],
  [['scan', '--nope'], "error USAGE: unknown option '--nope'"],
  [['diff'], "error USAGE: missing required argument 'what'"],
  [['approver'], 'error USAGE: name a command'],
  [['serve', '--port', 'x'], "argument 'x' is invalid. must be a port, 0 to 65535."],
  [['scan'], 'error CONFIG_NOT_FOUND: no sealwatch.yaml in '],
  [['--config', 'other.yaml', 'scan'], 'error CONFIG_NOT_FOUND: there is no '],
])('%j is a usage error', async (args, message) => {
  const { exitCode, stdout, stderr } = await bench.sealwatch(...args);
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('    at ');
});

test('every command has a help with examples', async () => {
  let written = '';
  const stdout = { write: (text: string) => (written += text) };
  const program = await createProgram({ stdout, stderr: stdout }, () => () => () => Promise.resolve());
  const leaves = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
  expect(leaves.map((command) => command.name())).toEqual([
    'init',
    'scan',
    'pending',
    'diff',
    'approve',
    'reject',
    'revoke',
    'waive',
    'history',
    'show',
    'run',
    'gateway',
    'watch',
    'serve',
    'discover',
    'wrap',
    'unwrap',
    'lock',
    'check',
    'import',
    'verify',
    'list',
    'export',
    'verify',
    'restart',
    'check',
    'schema',
    'pins',
    'login',
    'logout',
    'posture',
    'provenance',
    'resolve',
    'sbom',
    'rotate',
    'list',
    'show',
    'test',
    'lint',
    'add',
    'list',
    'remove',
    'add',
    'list',
    'remove',
    'selftest',
    'completion',
    'complete-servers',
    'demo',
  ]);
  for (const command of leaves) {
    written = '';
    command.outputHelp();
    expect([command.name(), written.includes('Examples:'), written.includes('--state-dir')]).toEqual([
      command.name(),
      true,
      true,
    ]);
    for (const line of written.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test('a command that is named is loaded alone, and is the one of the whole program', async () => {
  const output = { write: () => true };
  const load = async (...words: readonly string[]): Promise<readonly string[]> => {
    const program = await createProgram({ stdout: output, stderr: output }, () => () => () => Promise.resolve(), words);
    return program.commands.map((command) => command.name());
  };
  const all = await load();
  expect(await load('--config', 'scan', '--json', '--state-dir=x', 'watch', 'scan')).toEqual(['watch']);
  for (const words of [['nope'], ['--help'], ['help', 'scan'], ['--nope', 'scan'], ['completion', 'bash']])
    expect(await load(...words)).toEqual(all);
  for (const name of all) expect(await load(name)).toContain(name);
  const alone = await Promise.all(all.filter((name) => !name.startsWith('compl')).map((name) => load(name)));
  expect(alone.filter((names) => names.length > 2)).toEqual([]);
});

test('init twice writes once, and overwrites nothing', async () => {
  const first = await bench.sealwatch('init', '--json');
  expect([first.exitCode, JSON.parse(first.stdout)]).toEqual([
    0,
    {
      exitCode: 0,
      config: join(bench.folder, 'sealwatch.yaml'),
      configWritten: true,
      stateDir: join(bench.folder, '.sealwatch'),
      storeCreated: true,
    },
  ]);
  const second = await bench.sealwatch('init', '--json');
  expect(JSON.parse(second.stdout)).toMatchObject({ exitCode: 0, configWritten: false, storeCreated: false });
});

test('a configuration that names no server is not "clean"', async () => {
  await bench.sealwatch('init');
  const { exitCode, stderr } = await bench.sealwatch('scan');
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining('names no server to watch')]);
});

test('a missing store is "could not check", and only init creates one', async () => {
  bench.configure(['a']);
  bench.serve('a', [HONEST]);
  const { exitCode, stderr } = await bench.sealwatch('scan');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error STORE_MISSING: .*\n.*sealwatch init/)]);
});

test('every mistake of a configuration is told at once, and as JSON where that is asked for', async () => {
  writeFileSync(join(bench.folder, 'sealwatch.yaml'), 'servers:\n  a: { comand: x }\nconcurrency: 0\n');
  const text = await bench.sealwatch('config', 'check');
  expect([text.exitCode, text.stdout]).toEqual([3, '']);
  expect(text.stderr).toContain('2:8: servers.a.comand: unknown key "comand", did you mean "command"?');
  expect(text.stderr).toContain('3:14: concurrency: must be at least 1');
  const json = await bench.sealwatch('config', 'check', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ exitCode: 3, error: { code: 'CONFIG_INVALID' } });
  expect(json.stderr).toBe('');
});

test('a correct configuration is told back', async () => {
  bench.configure(['a'], { notify: { stdout: {} } });
  const { exitCode, stdout } = await bench.sealwatch('config', 'check', '--json');
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    0,
    {
      exitCode: 0,
      file: join(bench.folder, 'sealwatch.yaml'),
      stateDir: join(bench.folder, '.sealwatch'),
      servers: [{ id: 'a', connection: 'stdio', schedule: 'every 300 s', firstUse: 'hold' }],
      disabled: [],
      channels: ['stdout'],
      notes: [],
    },
  ]);
  const schema = await bench.sealwatch('config', 'schema');
  expect(JSON.parse(schema.stdout)).toMatchObject({ type: 'object', additionalProperties: false });
});

test('a reader that closes the pipe early is no error', async () => {
  const running = bench.start('config', 'schema');
  running.process.stdout?.destroy();
  expect(await running.ended).toBe(0);
});
