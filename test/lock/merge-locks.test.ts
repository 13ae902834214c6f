import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { takeSnapshot } from '../../src/integrity/take-snapshot.js';
import { lockServer } from '../../src/lock/lock-server.js';
import { readLock } from '../../src/lock/read-lock.js';
import { writeLock } from '../../src/lock/write-lock.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { LockedServer } from '../../src/model/lock.js';
import { parseServerId } from '../../src/model/server-id.js';

function locked(name: string, descriptions: readonly string[]): LockedServer {
  const tools = descriptions.map((description, index) => ({ name: `tool_${index}`, description, inputSchema: {} }));
  const observation = {
    server: parseServerId(name),
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake: '{"serverInfo":{"name":"w","version":"1"},"capabilities":{}}',
    pages: [{ method: 'tools/list', result: JSON.stringify({ tools }) }],
    provenance: { command: 'node' },
    rawDigest: '0',
    durationMs: 0,
    remarks: [],
  } as const;
  const snapshot = takeSnapshot(observation, { volatile: [], limits: DEFAULT_LIMITS });
  return lockServer(snapshot, { volatile: [], pins: [] });
}

function lockOf(servers: Readonly<Record<string, readonly string[]>>): string {
  const entries = Object.entries(servers).map(([name, tools]) => [parseServerId(name), locked(name, tools)] as const);
  return writeLock({ servers: new Map(entries) });
}

/** What git makes of two branches, with the number of conflicts. */
function merge(
  base: string,
  ours: string,
  theirs: string,
): { readonly conflicts: number | null; readonly text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-merge-'));
  try {
    const files = Object.entries({ ours, base, theirs }).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const { status, stdout } = spawnSync('git', ['merge-file', '-p', ...files], { encoding: 'utf8' });
    return { conflicts: status, text: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const BASE = { north: ['a', 'b', 'c'], south: ['a', 'b', 'c'] };

test('branches that lock different servers anew merge, and the result holds together', () => {
  const merged = merge(
    lockOf(BASE),
    lockOf({ ...BASE, north: ['x', 'b'] }),
    lockOf({ ...BASE, south: ['a', 'b', 'y'] }),
  );
  expect(merged.conflicts).toBe(0);
  expect(merged.text).toBe(lockOf({ north: ['x', 'b'], south: ['a', 'b', 'y'] }));
  expect(readLock(merged.text, 'x').servers.size).toBe(2);
});

test('branches that change different tools of one server conflict in its set hash alone', () => {
  const merged = merge(
    lockOf(BASE),
    lockOf({ ...BASE, north: ['x', 'b', 'c'] }),
    lockOf({ ...BASE, north: ['a', 'b', 'y'] }),
  );
  expect(merged.conflicts).toBe(1);
  const [, ours = ''] = /<<<<<<< .*\n([^]*?)=======/.exec(merged.text) ?? [];
  expect(ours).toMatch(/^ +"tools": "[0-9a-f]{64}"\n$/);
});

test('servers stand in order, whatever order they came in', () => {
  expect(lockOf({ south: ['a'], north: ['b'] })).toBe(lockOf({ north: ['b'], south: ['a'] }));
});
