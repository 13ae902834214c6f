import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createObserver } from '../../src/mcp/observer.js';
import { DEFAULT_LIMITS } from '../../src/model/limits.js';
import { DEFAULT_POSTURE } from '../../src/model/posture.js';
import { DEFAULT_TLS } from '../../src/model/tls.js';
import { parseServerId } from '../../src/model/server-id.js';
import {
  type Connection,
  DEFAULT_GATEWAY,
  type HttpConnection,
  type Launch,
  type Server,
} from '../../src/model/server.js';

export const SERVERS = join(import.meta.dirname, '..', 'servers');
export const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules', '@modelcontextprotocol');

/** Stands among the arguments of every process of one test file, so that those still alive can be found. */
export const MARK = `mark-${process.pid}-${Date.now()}`;

export const observer = createObserver({
  clock: { now: () => new Date(), monotonicMs: () => performance.now() },
  clientVersion: '0.0.0',
});

export function makeServer(connection: Connection, limits: Partial<Server['limits']> = {}): Server {
  return {
    id: parseServerId('tried'),
    connection,
    provenance: { command: 'node' },
    allowlist: undefined,
    limits: { ...DEFAULT_LIMITS, ...limits },
    volatile: [],
    vantages: [],
    gateway: DEFAULT_GATEWAY,
    firstUse: 'hold',
    schedule: { kind: 'every', intervalMs: 60_000 },
    maxUncheckedMs: 60_000,
    reviewEveryMs: undefined,
    labels: {},
  };
}

export function node(script: string, ...args: readonly string[]): Launch {
  return { command: process.execPath, args: [script, ...args, MARK], env: {}, cwd: tmpdir() };
}

export function stdio(script: string, ...args: readonly string[]): Connection {
  return { kind: 'stdio', launch: node(script, ...args) };
}

export function http(launch: Launch | undefined, path: string, more: Partial<HttpConnection> = {}): HttpConnection {
  const url = `http://127.0.0.1:{port}${path}`;
  return {
    kind: 'http',
    url,
    headers: {},
    transport: 'auto',
    tls: DEFAULT_TLS,
    oauth: undefined,
    network: 'public',
    posture: DEFAULT_POSTURE,
    launch,
    ...more,
  };
}

/** The command lines that are alive and hold the text; those that have ended and wait to be collected do not count. */
export function aliveWith(text: string): readonly string[] {
  const lines = execFileSync('ps', ['-eo', 'stat=,pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text) && !line.startsWith('Z') && !line.includes('ps -eo'));
}
