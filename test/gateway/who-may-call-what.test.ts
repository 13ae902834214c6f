import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { inspect } from '../../src/monitor/inspect.js';
import { load } from '../config/world.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, gatewayDeps, scripted } from './start-client.js';
import { CONNECT, startGateway, type TestGateway } from './start-gateway.js';
import { startTokenIssuer, type TokenIssuer } from './start-token-issuer.js';

let world: World;
let gateway: TestGateway;
let issuer: TokenIssuer;
const closing: (() => Promise<void>)[] = [];

const tool = (name: string): object => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' } });
const LISTS = {
  'tools/list': [['read_file', 'write_file', 'delete_file'].map(tool)],
  'prompts/list': [[{ name: 'review', description: 'Reviews.' }]],
  'resources/list': [[{ uri: 'note://a', name: 'a' }]],
};

const GROUPS = { ann: ['readers', 'writers'], bob: ['readers'], carol: ['gardeners'] };

beforeEach(async () => {
  world = await createWorld();
  issuer = await startTokenIssuer({ format: 'jwt', groups: GROUPS, scopes: ['files', 'files:write'] });
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await gateway.close();
  await issuer.close();
  await world.close();
});

const ROLES = {
  permissions: {
    reading: [{ servers: ['tr*'], tools: ['read_*'] }],
    writing: [{ tools: ['write_file', 'review'], arguments: { path: { within: '/work' } } }],
  },
  roles: [
    { value: 'readers', may: ['reading'] },
    { value: 'writers', may: ['writing'] },
  ],
};

/** The section as somebody writes it, read by the real reader. */
async function serve(section: object): Promise<void> {
  const server = scripted(world, { lists: LISTS, announces: false });
  await inspect(server, world.deps, SIGNAL);
  await approveAll(world, server);
  gateway = await startGateway([server], gatewayDeps(world), (publicUrl) => {
    const { auth } = load(
      JSON.stringify({ gateway: { publicUrl, auth: { issuer: issuer.issuer, ...section } } }),
    ).gateway;
    if (auth === undefined) throw new Error('no auth');
    return auth;
  });
}

async function tokenOf(client: string, scope?: string): Promise<string> {
  const resource = `${gateway.url}/servers/tried/mcp`;
  return await issuer.token({ client, resource, ...(scope === undefined ? {} : { scope }) });
}

describe.each(Object.entries(CONNECT))('%s, with a role from a claim of its token', (_, connectTo) => {
  async function connect(client: string): Promise<Awaited<ReturnType<typeof connectTo>>> {
    const connected = await connectTo(`${gateway.url}/servers/tried/mcp`, await tokenOf(client));
    closing.push(async () => connected.close());
    return connected;
  }

  test('lists and calls what its roles allow, and nothing else', async () => {
    await serve(ROLES);
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    expect((await ann.listTools()).tools.map(({ name }) => name)).toEqual(['read_file', 'write_file']);
    expect((await bob.listTools()).tools.map(({ name }) => name)).toEqual(['read_file']);
    expect(JSON.stringify(await bob.callTool({ name: 'read_file', arguments: {} }))).toContain('called read_file');
    const write = { name: 'write_file', arguments: { path: '/work/a' } };
    expect(JSON.stringify(await ann.callTool(write))).toContain('called write_file');
    await expect(bob.callTool(write)).rejects.toThrow('may not use it');
    await expect(ann.callTool({ name: 'delete_file', arguments: {} })).rejects.toThrow('may not use it');
    await expect(ann.readResource({ uri: 'note://a' })).rejects.toThrow('may not use it');
  });

  test.each<Record<string, unknown>>([
    {},
    { path: '/etc/passwd' },
    { path: '/work/../etc/passwd' },
    { path: ['/work/a'] },
    { Path: '/work/a' },
  ])('does not get through with the arguments %j', async (args) => {
    await serve(ROLES);
    const ann = await connect('ann');
    await expect(ann.callTool({ name: 'write_file', arguments: args })).rejects.toThrow('may not use it');
  });

  test('a prompt is held to its arguments too', async () => {
    await serve(ROLES);
    const ann = await connect('ann');
    await expect(ann.getPrompt({ name: 'review', arguments: { path: '/etc' } })).rejects.toThrow('may not use it');
    const review = await ann.getPrompt({ name: 'review', arguments: { path: '/work/a' } }).catch(String);
    expect(JSON.stringify(review)).not.toContain('may not use it');
    const completion = { ref: { type: 'ref/prompt' as const, name: 'review' }, argument: { name: 'path', value: '/' } };
    await expect(ann.complete(completion)).rejects.toThrow('may not use it');
  });
});

async function post(token: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return await fetch(`${gateway.url}/servers/tried/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
  });
}

const INITIALIZE = { method: 'initialize', params: { capabilities: {} } };

test('who has no role that means anything here is not let in, and no other scope is offered', async () => {
  await serve(ROLES);
  const response = await post(await tokenOf('carol'), INITIALIZE);
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([
    403,
    `Bearer resource_metadata="${gateway.url}/.well-known/oauth-protected-resource/servers/tried/mcp"`,
  ]);
});

describe('a call for which the scope is not enough', () => {
  const BY_SCOPE = {
    allow: [
      { scope: 'files', tools: ['read_*'] },
      { scope: 'files:write', tools: ['write_*'], arguments: { path: { within: '/work' } } },
    ],
  };

  async function call(scope: string, name: string, args: object): Promise<Response> {
    const token = await tokenOf('ann', scope);
    const session = (await post(token, INITIALIZE)).headers.get('mcp-session-id') ?? '';
    return await post(
      token,
      { method: 'tools/call', params: { name, arguments: args } },
      { 'mcp-session-id': session },
    );
  }

  test('is answered with 403 and the scopes that it takes, with those that the token has', async () => {
    await serve(BY_SCOPE);
    const response = await call('files', 'write_file', { path: '/work/a' });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toMatch(/error="insufficient_scope", scope="files files:write"$/);
    expect(await response.json()).toMatchObject({ id: 1, error: { data: { code: 'NOT_PERMITTED' } } });
  });

  test.each([
    ['no scope is for it', 'delete_file', {}],
    ['the arguments are for no scope', 'write_file', { path: '/etc' }],
  ])('is answered without a challenge where %s', async (_, name, args) => {
    await serve(BY_SCOPE);
    const response = await call('files files:write', name, args);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([200, null]);
    expect(await response.json()).toMatchObject({ error: { data: { code: 'NOT_PERMITTED' } } });
  });

  test('passes only where the role allows it too, if both are configured', async () => {
    await serve({ ...BY_SCOPE, ...ROLES });
    expect(await (await call('files', 'read_file', {})).text()).toContain('called read_file');
    const token = await tokenOf('bob', 'files files:write');
    const session = (await post(token, INITIALIZE)).headers.get('mcp-session-id') ?? '';
    const params = { name: 'write_file', arguments: { path: '/work/a' } };
    const refused = await post(token, { method: 'tools/call', params }, { 'mcp-session-id': session });
    expect([refused.status, await refused.text()]).toEqual([200, expect.stringContaining('NOT_PERMITTED')]);
  });
});
