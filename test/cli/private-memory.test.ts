import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const SECRET = 'planted-in-memory-4717';

let folder: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-memory-'));
  const remote = { url: 'http://127.0.0.1:1/mcp', headers: { Authorization: `Bearer ${SECRET}` } };
  writeFileSync(join(folder, 'sealwatch.yaml'), JSON.stringify({ servers: { remote } }));
});
afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts the program as it is built, in a shell that allows everything that would write its memory, and waits until it works. */
async function start(): Promise<ChildProcess> {
  const line = `ulimit -c unlimited; "${process.execPath}" "${MAIN}" init >init.log && exec "${process.execPath}" "${MAIN}" watch`;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    NODE_OPTIONS: `--report-on-signal --report-on-fatalerror --report-uncaught-exception --report-directory="${folder}"`,
  };
  const child = spawn('sh', ['-c', line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running = child;
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  while (!said.includes('OBSERVE_CONNECT_FAILED')) {
    if (child.exitCode !== null) throw new Error(said);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return child;
}

function written(): readonly string[] {
  return readdirSync(folder).filter((file) => /^(?:core|report)/.test(file));
}

test.runIf(process.platform === 'linux')('a crash leaves nothing of the memory behind', async () => {
  const child = await start();
  expect(readFileSync(`/proc/${child.pid ?? 0}/coredump_filter`, 'utf8').trim()).toBe('00000000');
  child.kill('SIGABRT');
  await once(child, 'exit');
  // Whether there is a file at all, and where, is for the machine to say.
  for (const file of written()) {
    expect(file).not.toMatch(/^report/);
    expect(readFileSync(join(folder, file)).includes(SECRET)).toBe(false);
  }
});

test('a signal gets no report, which would name what stands in the environment', async () => {
  const child = await start();
  child.kill('SIGUSR2');
  await once(child, 'exit');
  expect(written().filter((file) => file.startsWith('report'))).toEqual([]);
  expect(existsSync(join(folder, 'sealwatch.yaml'))).toBe(true);
});
