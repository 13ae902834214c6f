import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getRequestListener } from '@hono/node-server';
import { request } from 'undici';

import { SealwatchError } from '../../src/errors.js';
import { DEFAULT_ALERTING } from '../../src/model/alerting.js';
import type { Actor, ChangeRequest } from '../../src/model/change-request.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import type { Observation } from '../../src/model/observation.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import type { Grant } from '../../src/model/principal.js';
import { DEFAULT_GATEWAY, type Server } from '../../src/model/server.js';
import { parseServerId } from '../../src/model/server-id.js';
import { settleRequest } from '../../src/monitor/approve.js';
import type { MonitorDeps } from '../../src/monitor/deps.js';
import { inspect } from '../../src/monitor/inspect.js';
import { noTelemetry } from '../../src/monitor/no-telemetry.js';
import { startSession } from '../../src/monitor/session.js';
import { openCallLog } from '../../src/store/call-log.js';
import { createStore } from '../../src/store/create-store.js';
import { openStore } from '../../src/store/open-store.js';
import { createApp } from '../../src/web/create-app.js';
import type { Answer, Tool } from './start-site.js';
import { scanner } from '../scan-here.js';

/** The pages over HTTP with several servers and a real store; what the servers declare is scripted by the test. */
export interface Fleet {
  readonly url: string;
  readonly deps: MonitorDeps;
  readonly stateDir: string;
  readonly servers: readonly Server[];
  readonly logged: readonly string[];
  /** Lets a server declare this, and checks it. Returns the request that is open then. */
  declare(server: string, tools: readonly Tool[]): Promise<ChangeRequest | undefined>;
  /** Declares this and approves all of it. */
  approve(server: string, tools: readonly Tool[]): Promise<void>;
  /** Lets a check of a server fail. */
  fail(server: string, message: string): Promise<void>;
  pass(ms: number): void;
  /** `Cookie` header of somebody who signed in with these grants. */
  signIn(...grants: readonly Grant[]): Promise<string>;
  get(path: string, cookie?: string): Promise<Answer>;
  /** Posts an empty form as our own page would. */
  post(path: string, cookie?: string): Promise<Answer>;
  close(): Promise<void>;
}

export const ADMIN: Grant = { role: 'admin', servers: ['*'] };
export const VIEWER: Grant = { role: 'viewer', servers: ['*'] };

const ALICE: Actor = { kind: 'person', name: 'alice', how: 'browser' };

/** Starts the pages for servers with these ids, and what else is to be said of them. */
export async function startFleet(servers: Readonly<Record<string, Partial<Server>>>): Promise<Fleet> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sealwatch-fleet-'));
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead), monotonicMs: () => performance.now() + ahead };
  const random = { bytes: (count: number) => randomBytes(count) };
  await createStore(stateDir, { clock, random });
  const store = await openStore(stateDir, { clock, random });
  const callLog = openCallLog(stateDir, { clock, random });
  const configured = Object.entries(servers).map(([id, options]) => makeServer(id, options));
  const declared = new Map<string, readonly Tool[] | Error>();
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const deps: MonitorDeps = {
    store,
    clock,
    random,
    observer: {
      observe: ({ id, provenance }) => {
        const tools = declared.get(id) ?? [];
        if (tools instanceof Error) return Promise.reject(tools);
        return Promise.resolve(observationOf(configured.find((one) => one.id === id)!, tools, provenance));
      },
      connect: () => Promise.reject(new Error('not used here')),
    },
    scanner,
    policy: DEFAULT_POLICY,
    channels: [],
    alerting: DEFAULT_ALERTING,
    telemetry: noTelemetry,
    callLog,
    logger: { info: log, warn: log, error: log },
  };

  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const app = createApp({ servers: configured, deps, publicUrl: url, allowedHosts: ['127.0.0.1'] });
  const listener = getRequestListener(app.fetch);
  http.on('request', (incoming, outgoing) => void listener(incoming, outgoing));

  const look = async (id: string): Promise<void> => {
    await inspect(configured.find((one) => one.id === id)!, deps, new AbortController().signal);
  };
  const fleet: Fleet = {
    url,
    deps,
    stateDir,
    servers: configured,
    logged,
    declare: async (id, tools) => {
      declared.set(id, tools);
      await look(id);
      return (await store.listRequests({ states: ['open'], server: parseServerId(id) }))[0];
    },
    approve: async (id, tools) => {
      const open = await fleet.declare(id, tools);
      if (open === undefined) throw new Error('nothing to approve');
      const settlement = { request: open.id, expectedDigest: open.digest, decision: 'approve', actor: ALICE } as const;
      await settleRequest(settlement, configured, deps);
    },
    fail: async (id, message) => {
      declared.set(id, new SealwatchError('OBSERVE_TIMEOUT', message));
      await look(id);
    },
    pass: (ms) => {
      ahead += ms;
    },
    signIn: async (...grants) => {
      const { session } = await startSession({ id: 'oidc:x#eve', name: 'eve', how: 'oidc', grants }, deps);
      return `sealwatch=${session}`;
    },
    get: async (path, cookie) =>
      answerOf(await request(url + path, { headers: cookie === undefined ? {} : { cookie } })),
    post: async (path, cookie) => {
      const headers = {
        origin: url,
        'content-type': 'application/x-www-form-urlencoded',
        ...(cookie === undefined ? {} : { cookie }),
      };
      return answerOf(await request(url + path, { method: 'POST', headers, body: '' }));
    },
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await callLog.close();
      await store.close();
      rmSync(stateDir, { recursive: true });
    },
  };
  return fleet;
}

/** Without the stylesheet: what a test looks for must not be found in it, nor shown when it is missing. */
async function answerOf(response: Awaited<ReturnType<typeof request>>): Promise<Answer> {
  const text = (await response.body.text()).replace(/<style>.*?<\/style>/s, '');
  return { status: response.statusCode, headers: response.headers, text };
}

function makeServer(id: string, options: Partial<Server>): Server {
  return {
    id: parseServerId(id),
    connection: { kind: 'stdio', launch: { command: id, args: [], env: { TOKEN: 'hunter2hunter2' }, cwd: '/' } },
    provenance: { type: 'stdio', command: id, args: ['--token', '${TOKEN}'] },
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
    ...options,
  };
}

function observationOf({ id }: Server, tools: readonly Tool[], provenance: Server['provenance']): Observation {
  const serverInfo = { name: id, version: '1.0.0' };
  const handshake = JSON.stringify({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo });
  const result = JSON.stringify({ tools });
  return {
    server: id,
    vantage: 'default',
    protocolVersion: '2025-11-25',
    handshake,
    pages: [{ method: 'tools/list', result }],
    provenance,
    rawDigest: createHash('sha256').update(handshake).update(result).digest('hex'),
    durationMs: 1,
    remarks: [],
  };
}
