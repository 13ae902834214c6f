import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createNpmSource } from '../../src/supply-chain/npm-source.js';
import type { PackageFacts } from '../../src/model/package-facts.js';
import { readNpmOptions } from '../../src/supply-chain/npm-options.js';
import { toolsBehindShim, useRegistry } from '../cli/package-world.js';
import { type Bench, createBench } from '../cli/world.js';
import { type RegistryOfThen, startRegistryOfThen } from '../servers/start-registry-of-then.js';

/** Real servers from the registry that npm is configured for on this machine; without one there is nothing to show. */
const folder = mkdtempSync(join(tmpdir(), 'real-registry-'));

async function inspect(name: string, requested: string): Promise<PackageFacts> {
  const env = { HOME: homedir(), PATH: process.env['PATH'] ?? '' };
  const context = { cwd: folder, env, signal: AbortSignal.timeout(60_000) };
  return await createNpmSource().inspect({ kind: 'package', type: 'npm', name, requested }, context);
}

const MEMORY = '@modelcontextprotocol/server-memory';

const reached = await inspect(MEMORY, '2026.8.31');

/** What npm verified when it installed them here. */
const LOCK = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity: string }>>;
};

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(reached.resolved.kind !== 'present')('real servers of a real registry', () => {
  test.each(['everything', 'filesystem', 'memory', 'sequential-thinking'])(
    'server-%s has the integrity that npm wrote into the lock file, no install scripts, and a tree',
    async (name) => {
      const locked = LOCK.packages[`node_modules/@modelcontextprotocol/server-${name}`];
      const facts = await inspect(`@modelcontextprotocol/server-${name}`, locked?.version ?? '');
      expect(facts.integrity).toEqual({ kind: 'present', value: locked?.integrity });
      expect(facts.evidence.installScripts).toEqual({ kind: 'absent' });
      expect(facts.evidence.dependencies.kind).toBe('present');
      expect(facts.evidence.dependencyTree).toMatchObject({ kind: 'present', value: { withInstallScripts: [] } });
    },
  );

  test.each(['2025.4.25', '2025.11.25', '2026.1.26', '2026.7.4'])(
    'older version %s is resolved and verified',
    async (version) => {
      const facts = await inspect(MEMORY, version);
      expect(facts.resolved).toEqual({ kind: 'present', value: version });
      expect(facts.integrity.kind).toBe('present');
    },
  );

  test('a range is the highest version in it, whatever the times are', async () => {
    expect((await inspect(MEMORY, '>=2025.0.0 <2026.0.0')).resolved).toEqual({ kind: 'present', value: '2025.11.25' });
  });

  test('a version that never was is not there', async () => {
    expect((await inspect(MEMORY, '1.2.3')).resolved.kind).toBe('unknown');
  });
});

describe.skipIf(reached.resolved.kind !== 'present')('a real server goes to its next release', () => {
  let bench: Bench;
  let registry: RegistryOfThen;
  let token = '';
  beforeAll(async () => {
    bench = createBench();
    registry = await startRegistryOfThen(await ownRegistry(), { name: MEMORY, newest: '2025.4.25' });
    useRegistry(bench, registry.url);
    const memory = { command: 'npx', args: ['-y', MEMORY], package: { run: 'approved' } };
    bench.configure([], { servers: { memory } });
    await bench.sealwatch('init');
    const { stdout } = await bench.sealwatch('approver', 'add', 'alice', '--yes', '--json');
    ({ token } = JSON.parse(stdout) as { token: string });
  });
  afterAll(async () => {
    await registry.close();
    bench.close();
  });

  const approve = async (request: string): ReturnType<Bench['sealwatch']> =>
    await bench.sealwatchWith({ SEALWATCH_APPROVER_TOKEN: token }, 'approve', request, '--yes');

  const shown = async (): Promise<string> => JSON.stringify(await toolsBehindShim(bench, 'memory'));

  test('what changed in the package and in the definitions is one request, and the older one runs until it is approved', {
    timeout: 600_000,
  }, async () => {
    expect((await bench.sealwatch('scan')).exitCode).toBe(1);
    expect((await approve('1')).exitCode).toBe(0);
    expect((await bench.sealwatch('scan')).exitCode).toBe(0);
    const older = await shown();
    expect(older).toContain('create_entities');
    registry.goTo('2026.8.31');
    expect((await bench.sealwatch('scan')).exitCode).toBe(1);
    const { stdout: pending } = await bench.sealwatch('pending', '--json');
    expect((JSON.parse(pending) as { open: object[] }).open).toHaveLength(1);
    const { stdout } = await bench.sealwatch('diff', '2');
    expect(stdout.replace(/\s+/g, ' ')).toContain('the package is version "2026.8.31" and not "2025.4.25"');
    expect(stdout).toContain('tool "create_entities" changed');
    expect(await shown()).toBe(older);
    expect((await approve('2')).exitCode).toBe(0);
    expect((await bench.sealwatch('scan')).exitCode).toBe(0);
    expect(await shown()).not.toBe(older);
  });
});

/** As npm is configured on this machine. */
async function ownRegistry(): Promise<string> {
  const env = { HOME: homedir(), PATH: process.env['PATH'] ?? '' };
  const { flat } = await readNpmOptions({ cwd: folder, env, signal: AbortSignal.timeout(10_000) });
  return String(flat['registry']);
}
