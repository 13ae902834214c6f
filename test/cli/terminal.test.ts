import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Bench, createBench, HONEST } from './world.js';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

/** Runs a command on a terminal of its own, answers its question, and prints what the terminal showed. */
const ON_A_TERMINAL = `
import os, pty, select, sys
answer, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, answered = b'', False
while True:
    ready, _, _ = select.select([terminal], [], [], 30)
    try:
        data = os.read(terminal, 4096) if ready else b''
    except OSError:
        data = b''
    if not data:
        break
    shown += data
    if b'[y/N]' in shown and not answered:
        answered = True
        os.write(terminal, (answer + '\\n').encode())
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
`;

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

describe.skipIf(!hasPython)('at a terminal', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = createBench();
    bench.configure(['weather']);
    bench.serve('weather', [HONEST]);
    await bench.sealwatch('init');
    await bench.sealwatch('scan');
  });
  afterAll(() => {
    bench.close();
  });

  const run = (answer: string, ...args: readonly string[]): { exitCode: number | null; shown: string } => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], TERM: 'xterm' };
    const result = spawnSync('python3', ['-c', ON_A_TERMINAL, answer, process.execPath, MAIN, ...args], {
      cwd: bench.folder,
      env,
    });
    return { exitCode: result.status, shown: result.stdout.toString('utf8') };
  };

  test('approve shows the change before it asks, and takes no for no', () => {
    const { exitCode, shown } = run('n', 'approve', '1');
    expect(exitCode).toBe(1);
    expect(shown).toMatch(/Returns the weather of a city\.[^]*Approve exactly this\? \[y\/N\]/);
    expect(shown).toContain('Nothing was decided.');
    expect(shown).toContain('\u001b[1m');
  });

  test('anything but yes is no', () => {
    expect(run('', 'approve', '1').exitCode).toBe(1);
    expect(run('yep', 'approve', '1').exitCode).toBe(1);
  });

  test('--no-color is without colour', () => {
    expect(run('n', 'pending', '--no-color').shown).not.toContain('\u001b[3');
  });

  test('yes approves as the user of the terminal', async () => {
    expect(run('y', 'approve', '1').exitCode).toBe(0);
    const { stdout } = await bench.sealwatch('history', 'weather/get_weather', '--json');
    expect(stdout).toMatch(/"by": "[^"]+ \(terminal\)"/);
  });
});
