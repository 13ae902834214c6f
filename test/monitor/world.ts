import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createObserver } from '../../src/mcp/observer.js';
import { type Alerting, DEFAULT_ALERTING } from '../../src/model/alerting.js';
import type { Channel } from '../../src/model/channel.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import { DEFAULT_POLICY, type Policy } from '../../src/model/policy.js';
import { parseServerId } from '../../src/model/server-id.js';
import { DEFAULT_GATEWAY, type Server } from '../../src/model/server.js';
import type { MonitorDeps } from '../../src/monitor/deps.js';
import { noTelemetry } from '../../src/monitor/no-telemetry.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import { scanner } from '../scan-here.js';
import { replaceFile } from '../replace-file.js';

const FILE_SERVER = join(import.meta.dirname, '..', 'servers', 'file-server.mjs');

export const SIGNAL = new AbortController().signal;

/** A tool that no rule minds. */
export const HONEST = {
  name: 'get_weather',
  description: 'Returns the weather of a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

export interface World {
  readonly folder: string;
  readonly deps: MonitorDeps;
  readonly log: string[];
  /** A configured server that serves the tools last given to `serve`. */
  server(id: string, options?: Partial<Server>): Server;
  serve(id: string, tools: readonly unknown[]): void;
  /** Lets the clock go forward. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** A store of its own, the real rules, real server processes, and a clock that a test can put forward. */
export async function createWorld(
  options: {
    readonly policy?: Policy;
    readonly channels?: readonly Channel[];
    readonly alerting?: Partial<Alerting>;
  } = {},
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-test-'));
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead), monotonicMs: () => performance.now() + ahead };
  const random = { bytes: (count: number) => randomBytes(count) };
  await createStore(join(folder, 'state'), { clock, random });
  const store = await openStore(join(folder, 'state'), { clock, random });
  const log: string[] = [];
  const write = (message: string): void => void log.push(message);
  const deps: MonitorDeps = {
    store,
    observer: createObserver({ clock, clientVersion: '0.0.0' }),
    clock,
    random,
    scanner,
    policy: options.policy ?? DEFAULT_POLICY,
    channels: options.channels ?? [],
    alerting: { ...DEFAULT_ALERTING, ...options.alerting },
    logger: { info: write, warn: write, error: write },
    telemetry: noTelemetry,
  };
  const toolsFile = (id: string): string => join(folder, `${id}.json`);
  return {
    folder,
    deps,
    log,
    server: (id, overrides = {}) => ({
      id: parseServerId(id),
      connection: {
        kind: 'stdio',
        launch: { command: process.execPath, args: [FILE_SERVER, toolsFile(id)], env: {}, cwd: folder },
      },
      provenance: { type: 'stdio', command: 'node', args: ['file-server.mjs', `${id}.json`] },
      allowlist: undefined,
      limits: DEFAULT_LIMITS,
      volatile: [],
      vantages: [],
      gateway: DEFAULT_GATEWAY,
      firstUse: 'hold',
      schedule: { kind: 'every', intervalMs: 60_000 },
      maxUncheckedMs: 24 * 60 * 60_000,
      reviewEveryMs: undefined,
      labels: {},
      ...overrides,
    }),
    serve: (id, tools) => {
      replaceFile(toolsFile(id), JSON.stringify(tools));
    },
    pass: (ms) => {
      ahead += ms;
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
