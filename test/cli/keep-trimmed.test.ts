import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { keepTrimmed } from '../../src/cli/keep-trimmed.js';
import type { CallAsked } from '../../src/model/call.js';
import { parseServerId } from '../../src/model/server-id.js';
import type { CallLog } from '../../src/ports.js';
import { openCallLog } from '../../src/store/call-log.js';
import { createStore } from '../../src/store/open-store.js';

const clock = { now: () => new Date('2026-11-22T10:00:00.000Z'), monotonicMs: () => performance.now() };
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const DAY_MS = 24 * 60 * 60_000;

let folder: string;
let log: CallLog;
let warnings: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-trimmed-'));
  await createStore(folder, { clock, random });
  log = openCallLog(folder, { clock, random });
  warnings = [];
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

const logger = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };

function call(more: Partial<CallAsked> = {}): CallAsked {
  return {
    at: '2026-11-22T10:00:00.000Z',
    server: parseServerId('github'),
    subject: 'local',
    client: undefined,
    kind: 'tool',
    name: 'create_issue',
    version: undefined,
    decision: 'passed',
    code: undefined,
    parameters: '{}',
    ...more,
  };
}

async function forgotten(): Promise<number> {
  const verdict = await log.verify();
  return verdict.kind === 'intact' ? verdict.forgotten : -1;
}

test('what is too old goes at once', async () => {
  await log.asked(call({ at: '2026-11-20T10:00:00.000Z' }));
  await log.asked(call());
  await keepTrimmed(log, { keepMs: DAY_MS, maxBytes: 10_000_000 }, { clock, logger }).stop();
  expect(await forgotten()).toBe(1);
});

test('what is too much goes while it is written, not an hour later', async () => {
  const trimmed = keepTrimmed(log, { keepMs: DAY_MS, maxBytes: 1_000_000 }, { clock, logger });
  for (let count = 0; count < 60; count += 1) await trimmed.log.asked(call({ parameters: `"${'x'.repeat(50_000)}"` }));
  await trimmed.stop();
  expect(await forgotten()).toBeGreaterThan(30);
  expect(warnings).toEqual([]);
});
