import { join } from 'node:path';

import type { Actor } from '../../src/model/change-request.js';
import { CallCounter } from '../../src/gateway/call-counter.js';
import { changeText, type ClientEnd } from '../../src/gateway/client-end.js';
import { readClientMessage } from '../../src/gateway/client-message.js';
import { ClientSession } from '../../src/gateway/client-session.js';
import { Circuits } from '../../src/gateway/circuits.js';
import type { GatewayDeps } from '../../src/gateway/deps.js';
import { OneServer } from '../../src/gateway/one-server.js';
import { throughCircuits } from '../../src/gateway/through-circuits.js';
import { createOpenUpstream } from '../../src/mcp/open-upstream.js';
import { LOCAL_SUBJECT } from '../../src/model/access.js';
import { DEFAULT_GATEWAY, type GatewaySettings, type Server } from '../../src/model/server.js';
import type { CallLog } from '../../src/ports.js';
import { settleRequest } from '../../src/monitor/approve.js';
import { SERVERS, stdio } from '../mcp/make-server.js';
import type { World } from '../monitor/world.js';
import { outputs } from '../scan-here.js';
import { replaceFile } from '../replace-file.js';

export const ALICE: Actor = { kind: 'person', name: 'alice', how: 'browser' };

/** What a test server does: see `scripted.mjs`. */
export interface Script {
  readonly lists?: Readonly<Record<string, readonly (readonly object[] | string)[]>>;
  readonly beside?: object;
  readonly say?: object;
  readonly announces?: boolean | 'storm';
  readonly before?: Readonly<Record<string, readonly string[]>>;
  readonly results?: Readonly<Record<string, object | 'never'>>;
  readonly asks?: Readonly<Record<string, object>>;
  readonly dies?: string;
  readonly answerAs?: object;
}

/** Returns a server that does what a script says; call `play` to change it. */
export function scripted(world: World, script: Script, overrides: Partial<Server> = {}): Server {
  play(world, script);
  const connection = stdio(join(SERVERS, 'scripted.mjs'), join(world.folder, 'script.json'));
  return world.server('tried', { connection, ...overrides });
}

export function play(world: World, script: Script): void {
  replaceFile(join(world.folder, 'script.json'), JSON.stringify(script));
}

/** Returns what the gateway does by default, and what a test wants otherwise. */
export function settings(own: Partial<GatewaySettings>): GatewaySettings {
  return { ...DEFAULT_GATEWAY, ...own };
}

/** Approves everything that is asked about a server. */
export async function approveAll(world: World, server: Server): Promise<void> {
  const [request] = await world.deps.store.listRequests({ states: ['open'], server: server.id });
  if (request === undefined) throw new Error('nothing is asked');
  await settleRequest(
    { request: request.id, expectedDigest: request.digest, decision: 'approve', actor: ALICE },
    [server],
    world.deps,
  );
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: Readonly<Record<string, unknown>>;
  };
}

/** A client of the gateway, message by message. */
export interface TestClient {
  /** Everything that it was sent, as text. */
  readonly received: readonly string[];
  readonly ended: readonly string[];
  ask(method: string, params?: object): Promise<Message>;
  /** Sends a text as it is. */
  say(text: string): Promise<void>;
  /** Waits for a message. */
  until(test: (message: Message) => boolean): Promise<Message>;
  /** Names of what a list holds. */
  names(method?: string): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

const INTRODUCTION = { protocolVersion: '2025-11-25', clientInfo: { name: 'test-client', version: '1' } };

export function gatewayDeps(world: World, callLog?: CallLog): GatewayDeps {
  const circuits = new Circuits(world.deps);
  return {
    ...world.deps,
    version: '0.0.0',
    outputs,
    calls: new CallCounter(),
    redact: [],
    ...(callLog === undefined ? {} : { callLog }),
    circuits,
    openUpstream: throughCircuits(createOpenUpstream({ clock: world.deps.clock }), circuits),
    requestUrl: (request) => `https://pages.example/requests/${request}`,
    consentUrl: (id) => `https://pages.example/consents/${id}`,
  };
}

/** Connects to a server through the gateway, and initializes. */
export async function startClient(
  world: World,
  server: Server,
  capabilities: object = {},
  callLog?: CallLog,
): Promise<TestClient> {
  const received: string[] = [];
  const ended: string[] = [];
  const send = (text: string): void => void received.push(text);
  const end: ClientEnd = {
    isAskable: true,
    send,
    reply: (_, text) => {
      send(text);
    },
    announce: (list) => {
      send(changeText(list));
    },
    subscribe: () => () => undefined,
  };
  const backend = new OneServer(server, gatewayDeps(world, callLog), end, ({ code }) => void ended.push(code));
  const session = new ClientSession(backend, end);
  let last = 0;
  const until: TestClient['until'] = async (wanted) => {
    for (let tries = 0; tries < 500; tries += 1) {
      const found = received.map((text) => JSON.parse(text) as Message).find(wanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it never came; what came: ${received.join('\n')}`);
  };
  const ask: TestClient['ask'] = async (method, params = {}) => {
    const id = ++last;
    void session.receive(readClientMessage(JSON.stringify({ jsonrpc: '2.0', id, method, params })), LOCAL_SUBJECT);
    return await until((message) => message.id === id && message.method === undefined);
  };
  await ask('initialize', { ...INTRODUCTION, capabilities });
  await session.receive(readClientMessage('{"jsonrpc":"2.0","method":"notifications/initialized"}'), LOCAL_SUBJECT);
  return {
    received,
    ended,
    ask,
    until,
    say: async (text) => {
      await session.receive(readClientMessage(text), LOCAL_SUBJECT);
    },
    names: async (method = 'tools/list') => {
      const { result } = await ask(method);
      const [items] = Object.values(result ?? {}) as readonly { name?: string; uri?: string }[][];
      return (items ?? []).map(({ name, uri }) => name ?? uri);
    },
    close: async () => {
      await session.close();
    },
  };
}
