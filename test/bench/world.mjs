// A real store and a real server process (test/servers/file-server.mjs), for the benches.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import { loadRules } from '../../dist/cli/load-rules.js';
import { createScanner, SMALL } from '../../dist/cli/scanner.js';
import { DEFAULT_RULE_SETTINGS } from '../../dist/model/rule-settings.js';
import { createObserver } from '../../dist/mcp/observer.js';
import { DEFAULT_ALERTING } from '../../dist/model/alerting.js';
import { DEFAULT_CALL_LIMITS } from '../../dist/model/call-limits.js';
import { DEFAULT_LIMITS } from '../../dist/model/limits.js';
import { noTelemetry } from '../../dist/monitor/no-telemetry.js';
import { DEFAULT_POLICY } from '../../dist/model/policy.js';
import { createStore, openStore } from '../../dist/store/open-store.js';

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const random = { bytes: (count) => randomBytes(count) };

/** Starts from nothing: a store in a temporary folder and a configured server that serves the tools of a JSON file. */
export async function createWorld() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-bench-'));
  const toolsFile = join(folder, 'tools.json');
  writeFileSync(toolsFile, JSON.stringify(tools('first')));
  await createStore(join(folder, 'state'), { clock, random });
  const store = await openStore(join(folder, 'state'), { clock, random });
  const observer = createObserver({ clock, clientVersion: '0.0.0' });
  const scanner = createScanner({ pack: await loadRules(), settings: DEFAULT_RULE_SETTINGS, small: SMALL });
  const logger = { info() {}, warn: console.warn, error: console.error };
  const deps = {
    store,
    observer,
    clock,
    random,
    scanner,
    policy: DEFAULT_POLICY,
    channels: [],
    alerting: DEFAULT_ALERTING,
    logger,
    telemetry: noTelemetry,
  };
  const server = {
    id: 'bench',
    connection: {
      kind: 'stdio',
      launch: { command: process.execPath, args: [serverFile, toolsFile], env: {}, cwd: folder },
    },
    provenance: { type: 'stdio', command: 'node' },
    limits: DEFAULT_LIMITS,
    volatile: [],
    vantages: [],
    gateway: { mode: 'enforce', outputs: 'annotate', calls: DEFAULT_CALL_LIMITS },
    firstUse: 'hold',
    schedule: { kind: 'every', intervalMs: 60_000 },
    maxUncheckedMs: 86_400_000,
    reviewEveryMs: undefined,
    labels: {},
  };
  return {
    deps,
    server,
    stateDir: join(folder, 'state'),
    changeTools: (word) => writeFileSync(toolsFile, JSON.stringify(tools(word))),
    close: async () => {
      await scanner.close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const serverFile = join(import.meta.dirname, '..', 'servers', 'file-server.mjs');

/** Thirty tools of about 2 KB; `word` stands in the description of the first. */
function tools(word) {
  return Array.from({ length: 30 }, (_, index) => ({
    name: `tool_${index}`,
    description: `Looks up records of kind ${index}${index === 0 ? ` ${word}` : ''}. `.repeat(8),
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 12 }, (_, field) => [
          `field_${field}`,
          { type: 'string', description: `The value of field ${field} to look for, exactly as stored.` },
        ]),
      ),
      required: ['field_0'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: true },
  }));
}
