import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Circuits, type Verdict } from '../../src/gateway/circuits.js';
import type { GatewayDeps } from '../../src/gateway/deps.js';
import { DEFAULT_CALL_LIMITS } from '../../src/model/call-limits.js';
import type { GatewaySettings, Server } from '../../src/model/server.js';
import { parseServerId } from '../../src/model/server-id.js';
import { inspect } from '../../src/monitor/inspect.js';
import { createGatewayMetrics } from '../../src/telemetry/gateway-metrics.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, gatewayDeps, play, type Script, scripted, settings, startClient } from './start-client.js';
import { CONNECT, startGateway } from './start-gateway.js';

const [A, B] = [parseServerId('a'), parseServerId('b')];
const SETTINGS = { failures: 3, openMs: 1_000 };

describe('a circuit', () => {
  let now = 0;
  let log: string[] = [];
  let circuits: Circuits;
  beforeEach(() => {
    now = 0;
    log = [];
    const write = (message: string): void => void log.push(message);
    circuits = new Circuits({ clock: { monotonicMs: () => now }, logger: { info: write, warn: write, error: write } });
  });

  /** What became of entering: `left alone`, or what it came to. */
  function pass(verdict: Verdict, server = A): string {
    try {
      circuits.enter(server, 'call', SETTINGS)(verdict);
      return verdict;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }
  const fail = (times: number): void => {
    for (let count = 0; count < times; count += 1) pass('failure');
  };

  test('opens after so many failures in a row, for that server and that work alone', () => {
    fail(2);
    expect(pass('success')).toBe('success');
    fail(3);
    expect([pass('success'), pass('success', B)]).toEqual(['CIRCUIT_OPEN', 'success']);
    expect(() => circuits.enter(A, 'list', SETTINGS)).not.toThrow();
    expect(circuits.states().map(({ server, work, state }) => `${server} ${work} ${state}`)).toEqual([
      'a call open',
      'b call closed',
      'a list closed',
    ]);
  });

  test('counts nothing that says nothing', () => {
    fail(2);
    expect([pass('neither'), pass('failure'), pass('success')]).toEqual(['neither', 'failure', 'CIRCUIT_OPEN']);
  });

  test('lets one try after its time, and closes when that succeeds', () => {
    fail(3);
    now = 999;
    expect(pass('success')).toBe('CIRCUIT_OPEN');
    now = 1_000;
    const tell = circuits.enter(A, 'call', SETTINGS);
    expect([pass('success'), circuits.states()[0]?.state]).toEqual(['CIRCUIT_OPEN', 'half-open']);
    tell('success');
    expect([pass('failure'), pass('success')]).toEqual(['failure', 'success']);
    expect(log).toEqual([
      'gateway: a failed 3 times in a row (call) and is left alone for 1 s',
      'gateway: a works again (call)',
    ]);
  });

  test('stays open for as long again when the try fails, and tries again when it was called off', () => {
    fail(3);
    now = 1_000;
    expect([pass('failure'), pass('success')]).toEqual(['failure', 'CIRCUIT_OPEN']);
    now = 2_000;
    expect([pass('neither'), pass('success'), pass('success')]).toEqual(['neither', 'success', 'success']);
  });
});

describe('a server that fails', () => {
  let world: World;
  const closing: (() => Promise<void>)[] = [];
  const LISTS = { 'tools/list': [[{ name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }]] };
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await world.close();
  });

  async function approved(script: Script, own: Partial<GatewaySettings> = {}): Promise<Server> {
    const circuit = { failures: 2, openMs: 60_000 };
    const server = scripted(
      world,
      { announces: false, lists: LISTS, ...script },
      { gateway: settings({ circuit, ...own }) },
    );
    await inspect(server, world.deps, SIGNAL);
    await approveAll(world, server);
    return server;
  }

  test('to start is left alone, and is there again after its time', async () => {
    const server = await approved({});
    const { connection } = server;
    const launch = { command: '/no/such/program', args: [], env: {}, cwd: '/' };
    const gone: Server = { ...server, connection: { kind: 'stdio', launch } };
    const deps = gatewayDeps(world);
    const introduction = { info: undefined, capabilities: {} };
    const open = async (one: Server): Promise<unknown> =>
      await deps
        .openUpstream(one, { client: { name: 'x', version: '1' }, capabilities: introduction.capabilities }, SIGNAL)
        .then(
          async (upstream) => {
            await upstream.close();
            return 'opened';
          },
          (error: unknown) => (error as { code: string }).code,
        );
    expect([await open(gone), await open(gone), await open(gone)]).toEqual([
      'OBSERVE_START_FAILED',
      'OBSERVE_START_FAILED',
      'CIRCUIT_OPEN',
    ]);
    world.pass(60_000);
    expect(await open({ ...server, connection })).toBe('opened');
  });

  test('to answer in time is left alone, and the client is told; what it calls off itself counts for nothing', async () => {
    const calls = { ...DEFAULT_CALL_LIMITS, timeoutMs: 100 };
    const server = await approved({ results: { 'tools/call': 'never' } }, { calls });
    const client = await startClient(world, server);
    closing.push(async () => client.close());
    const call = async (): Promise<unknown> =>
      (await client.ask('tools/call', { name: 'add', arguments: {} })).error?.data?.['code'] ?? 'passed';
    for (const id of ['a', 'b', 'c']) {
      const params = { name: 'add', arguments: {} };
      void client.say(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }));
      await client.say(
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }),
      );
    }
    expect([await call(), await call(), await call()]).toEqual(['CALL_TIMEOUT', 'CALL_TIMEOUT', 'CIRCUIT_OPEN']);
    expect(await client.names()).toEqual(['add']);
    play(world, { announces: false, lists: LISTS });
    world.pass(60_000);
    expect([await call(), await call()]).toEqual(['passed', 'passed']);
  });

  test('with errors of its own is there', async () => {
    const error = '{"jsonrpc":"2.0","id":$ID,"error":{"code":-32000,"message":"no"}}';
    const client = await startClient(world, await approved({ before: { 'tools/call': [error] } }));
    closing.push(async () => client.close());
    for (let count = 0; count < 4; count += 1) {
      const { error: answer } = await client.ask('tools/call', { name: 'add', arguments: {} });
      expect(answer).toMatchObject({ code: -32000, message: 'no' });
    }
  });

  test('shows in the figures, which are for this machine; the gateway is in health while it has its store', async () => {
    const deps: GatewayDeps = gatewayDeps(world);
    const probes = { store: world.deps.store, figures: createGatewayMetrics('1.2.3', () => deps.circuits.states()) };
    const server = await approved({});
    const gateway = await startGateway([server], deps, undefined, probes);
    closing.push(async () => gateway.close());
    const client = await CONNECT['the v1 SDK'](`${gateway.url}/mcp`);
    closing.push(async () => client.close());
    await client.listTools();
    for (let count = 0; count < 2; count += 1)
      deps.circuits.enter(server.id, 'call', { failures: 2, openMs: 9_999 })('failure');
    const figures = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const line of [
      'sealwatch_gateway_circuit{server="tried",work="connect"} 0',
      'sealwatch_gateway_circuit{server="tried",work="list"} 0',
      'sealwatch_gateway_circuit{server="tried",work="call"} 2',
      'sealwatch_build_info{version="1.2.3"} 1',
    ])
      expect(figures).toContain(`${line}\n`);
    const forwarded = await fetch(`${gateway.url}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.1' } });
    expect(forwarded.status).toBe(403);
    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ status: 'ok' });
    probes.store = { ...world.deps.store, dataVersion: async () => Promise.reject(new Error('gone')) };
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(503);
  });
});
