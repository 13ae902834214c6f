import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { type Authorization, startAuthorization } from '../mcp/start-authorization.js';
import { type Served, serveMcp } from '../mcp/serve-mcp.js';
import { type Bench, createBench } from './world.js';

let bench: Bench;
let served: Served;
let authorization: Authorization;
beforeEach(async () => {
  bench = createBench();
  served = await serveMcp();
  authorization = await startAuthorization({ metadata: { code_challenge_methods_supported: ['plain'] } });
});
afterEach(async () => {
  await served.close();
  await authorization.close();
  bench.close();
});

async function statuses(url: string): Promise<Readonly<Record<string, string>>> {
  bench.configure([], { servers: { remote: { url } } });
  const { stdout } = await bench.sealwatch('posture', '--json');
  const { servers } = JSON.parse(stdout) as { servers: { lines: { id: string; status: string }[] }[] };
  return Object.fromEntries((servers[0]?.lines ?? []).map(({ id, status }) => [id, status]));
}

test('a server that asks for a token, whose authorization server has no PKCE', async () => {
  expect(await statuses(authorization.url)).toMatchObject({
    https: 'not met',
    unauthenticated: 'met',
    'www-authenticate': 'met',
    'resource-metadata': 'met',
    scopes: 'met',
    'authorization-metadata': 'met',
    issuer: 'met',
    'pkce-s256': 'not met',
    registration: 'met',
    'token-lifetime': 'could not tell',
  });
  // One request without a token, and nobody registered or signed in.
  expect(authorization.asked).toEqual([]);
});

test('a server that answers anybody', async () => {
  expect(await statuses(served.url)).toMatchObject({
    unauthenticated: 'not met',
    'www-authenticate': 'could not tell',
    'resource-metadata': 'not met',
    'authorization-metadata': 'could not tell',
  });
  expect(served.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
});

test('a server that is not there is no server that fails', async () => {
  const found = await statuses('http://127.0.0.1:1/mcp');
  expect(Object.entries(found).filter(([id, status]) => id !== 'https' && status !== 'could not tell')).toEqual([]);
  const { exitCode } = await bench.sealwatch('posture', 'remote');
  expect(exitCode).toBe(2);
});

test('the report says in words what was seen, and its exit code that something is missing', async () => {
  bench.configure([], { servers: { remote: { url: authorization.url } } });
  const { stdout, exitCode } = await bench.sealwatch('posture', 'remote');
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/not met +offers PKCE with S256: "plain"/);
  bench.configure(['github']);
  expect((await bench.sealwatch('posture')).exitCode).toBe(3);
});

test('as SARIF what cannot be told is open, and never passes', async () => {
  bench.configure([], { servers: { remote: { url: authorization.url } } });
  const { stdout, exitCode } = await bench.sealwatch('posture', '--sarif');
  const { runs } = JSON.parse(stdout) as {
    runs: { tool: { driver: { rules: { id: string }[] } }; results: Result[] }[];
  };
  const [run] = runs;
  const found = Object.fromEntries((run?.results ?? []).map(({ ruleId, kind, level }) => [ruleId, `${kind} ${level}`]));
  expect(exitCode).toBe(1);
  expect(found).toMatchObject({
    'pkce-s256': 'fail warning',
    unauthenticated: 'pass none',
    'token-lifetime': 'open none',
  });
  for (const { ruleId, ruleIndex } of run?.results ?? []) expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  expect((await bench.sealwatch('posture', '--sarif', '--json')).exitCode).toBe(3);
});

test('what the allowlist does not name is not connected to, not even for its certificate', async () => {
  const sockets: unknown[] = [];
  const tcp = createServer((socket) => {
    sockets.push(socket);
    socket.destroy();
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const url = `https://127.0.0.1:${(tcp.address() as AddressInfo).port}/mcp`;
  const allowlist = [{ origin: 'https://mcp.tracker.example' }];
  bench.configure([], { servers: { remote: { url } }, policy: { allowlist } });
  const { stdout } = await bench.sealwatch('posture', '--json');
  expect(stdout).toContain('allowlist');
  expect(sockets).toEqual([]);
  tcp.close();
});

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level: string;
}
