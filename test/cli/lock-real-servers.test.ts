import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Bench, createBench } from './world.js';

const MODULES = join(import.meta.dirname, '..', '..', 'node_modules');

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => {
  bench.close();
});

/** The program under a name that stays the same, so that where it comes from is no difference. */
function configure(module: string): void {
  const program = JSON.stringify(join(MODULES, module, 'dist', 'index.js'));
  writeFileSync(join(bench.folder, 'server.mjs'), `await import(${program});\n`);
  const args = module.includes('filesystem') ? ['server.mjs', '.'] : ['server.mjs'];
  bench.configure([], { servers: { real: { command: 'node', args } } });
}

test.each([
  {
    older: 'everything-older',
    newer: '@modelcontextprotocol/server-everything',
    summary: 'real: high: 9 capability, 4 narrowing, 1 wording',
    changes: ['high: tool "echo" changed (capability)', '- /arguments/1/description: "Name of the state"'],
  },
  {
    older: 'filesystem-older',
    newer: '@modelcontextprotocol/server-filesystem',
    summary: 'real: high: 15 capability',
    changes: ['tool "read_file" changed (capability)'],
  },
  {
    older: 'memory-older',
    newer: '@modelcontextprotocol/server-memory',
    summary: 'real: ',
    changes: ['tool "create_entities" changed'],
  },
])('$older is locked, and the newer version fails with what changed', async ({ older, newer, summary, changes }) => {
  configure(older);
  expect((await bench.sealwatch('lock')).exitCode).toBe(0);
  expect((await bench.sealwatch('check')).exitCode).toBe(0);
  configure(newer);
  const { exitCode, stdout } = await bench.sealwatch('check');
  expect([exitCode, stdout]).toEqual([1, expect.stringContaining(summary)]);
  for (const change of changes) expect(stdout).toContain(change);
  expect(stdout).toContain('1 server not as locked.');
});
