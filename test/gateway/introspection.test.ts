import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { GatewayAuth } from '../../src/model/access.js';
import { inspect } from '../../src/monitor/inspect.js';
import { load } from '../config/world.js';
import { createWorld, SIGNAL, type World } from '../monitor/world.js';
import { approveAll, gatewayDeps, scripted } from './start-client.js';
import { CONNECT, startGateway, type TestGateway } from './start-gateway.js';
import { startTokenIssuer, type TokenIssuer } from './start-token-issuer.js';

let world: World;
let gateway: TestGateway;
const closing: (() => Promise<void>)[] = [];
const LISTS = { 'tools/list': [[{ name: 'add', description: 'Adds.', inputSchema: { type: 'object' } }]] };

beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await world.close();
});

/** The section as somebody writes it, read by the real reader. */
async function serve(issuer: string, section: object): Promise<void> {
  const server = scripted(world, { lists: LISTS, announces: false });
  await inspect(server, world.deps, SIGNAL);
  await approveAll(world, server);
  gateway = await startGateway([server], gatewayDeps(world), (publicUrl): GatewayAuth => {
    const auth = { issuer, allow: [{ scope: 'files' }], ...section };
    const read = load(JSON.stringify({ gateway: { publicUrl, auth } })).gateway.auth;
    if (read === undefined) throw new Error('no auth');
    return read;
  });
  closing.push(async () => gateway.close());
}

async function ask(token: string): Promise<Response> {
  return await fetch(`${gateway.url}/servers/tried/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}',
  });
}

describe('a real authorization server that gives opaque tokens', () => {
  let issuer: TokenIssuer;
  beforeEach(async () => {
    const groups = { ann: ['readers'], carol: ['gardeners'] };
    issuer = await startTokenIssuer({ format: 'opaque', groups, scopes: ['files', 'other'] });
    closing.push(async () => issuer.close());
  });

  const token = async (
    client = 'ann',
    scope = 'files',
    resource = `${gateway.url}/servers/tried/mcp`,
  ): Promise<string> => await issuer.token({ client, resource, scope });

  test.each(Object.entries(CONNECT))('%s is let in with its token, and its roles count', async (_, connect) => {
    const roles = [{ value: 'readers', may: ['reading'] }];
    await serve(issuer.issuer, { introspection: issuer.introspector, permissions: { reading: [{}] }, roles });
    const client = await connect(`${gateway.url}/servers/tried/mcp`, await token());
    closing.push(async () => client.close());
    expect(JSON.stringify(await client.callTool({ name: 'add', arguments: {} }))).toContain('called add');
    expect((await ask(await token('carol'))).status).toBe(403);
  });

  test.each<[string, () => Promise<string>, number]>([
    ['with the scope', () => token(), 200],
    ['of another scope', () => token('ann', 'other'), 403],
    ['for another audience', () => token('ann', 'files', 'https://elsewhere.example'), 401],
    ['that nobody gave', () => Promise.resolve('made-up'), 401],
  ])('a token %s', async (_, make, status) => {
    await serve(issuer.issuer, { introspection: issuer.introspector });
    expect((await ask(await make())).status).toBe(status);
  });

  test('is asked once about a token while its answer is believed, and a token that was revoked ends with that', async () => {
    await serve(issuer.issuer, { introspection: { ...issuer.introspector, cacheSeconds: 60 } });
    const known = await token();
    const answers = await Promise.all([ask(known), ask(known), ask(known)]);
    expect([answers.map(({ status }) => status), issuer.introspections()]).toEqual([[200, 200, 200], 1]);
    await issuer.revoke('ann', known);
    expect((await ask(known)).status).toBe(200);
    world.pass(60_000);
    expect((await ask(known)).status).toBe(401);
    expect([(await ask(known)).status, issuer.introspections()]).toEqual([401, 2]);
  });

  test('that does not know us lets nobody in', async () => {
    await serve(issuer.issuer, { introspection: { clientId: 'gateway', clientSecret: 'another one' } });
    const response = await ask(await token());
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });

  test('that is gone lets nobody in who was not let in before', async () => {
    await serve(issuer.issuer, { introspection: issuer.introspector });
    const [known, other] = [await token(), await token()];
    expect((await ask(known)).status).toBe(200);
    await issuer.close();
    expect([(await ask(known)).status, (await ask(other)).status]).toEqual([200, 503]);
  });
});

describe('an answer about a token', () => {
  let answer: (url: string) => unknown;
  let origin: string;
  let asked: string[] = [];
  beforeEach(async () => {
    asked = [];
    const http = createServer((request, response) => {
      const isMetadata = request.url?.startsWith('/.well-known/') === true;
      if (!isMetadata) asked.push(request.headers.authorization ?? '');
      const body = isMetadata ? { issuer: origin, introspection_endpoint: `${origin}/ask` } : answer(gateway.url);
      request.resume();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    closing.push(async () => {
      http.close();
      http.closeAllConnections();
    });
    await serve(origin, { introspection: { clientId: 'a:b', clientSecret: 'c d' } });
  });

  const soon = (): number => Math.floor(Date.now() / 1_000) + 60;
  const good = (url: string): object => ({ active: true, scope: 'files', sub: 'ann', aud: url, exp: soon() });

  test.each<[string, (url: string) => unknown, number]>([
    ['that is whole', good, 200],
    ['with several audiences', (url) => ({ ...good(url), aud: ['x', url] }), 200],
    ['about a program', (url) => ({ ...good(url), sub: undefined, client_id: 'bot' }), 200],
    ['without active', (url) => ({ ...good(url), active: undefined }), 503],
    ['with active as a text', (url) => ({ ...good(url), active: 'true' }), 503],
    ['that is a list', () => [], 503],
    ['with active false', (url) => ({ ...good(url), active: false }), 401],
    ['of another issuer', (url) => ({ ...good(url), iss: 'https://elsewhere.example' }), 401],
    ['without an audience', (url) => ({ ...good(url), aud: undefined }), 401],
    ['for an audience that begins like ours', (url) => ({ ...good(url), aud: `${url}0` }), 401],
    ['without an end', (url) => ({ ...good(url), exp: undefined }), 401],
    ['with an end as a text', (url) => ({ ...good(url), exp: '9999999999' }), 401],
    ['that is over', (url) => ({ ...good(url), exp: soon() - 200 }), 401],
    ['that is to come', (url) => ({ ...good(url), nbf: soon() + 200 }), 401],
    ['about a key', (url) => ({ ...good(url), cnf: { jkt: 'x' } }), 401],
    ['of another kind of token', (url) => ({ ...good(url), token_type: 'DPoP' }), 401],
    ['about nobody', (url) => ({ ...good(url), sub: undefined }), 401],
    ['about nobody in words', (url) => ({ ...good(url), sub: '' }), 401],
  ])('%s', async (_, told, status) => {
    answer = told;
    expect((await ask('some-token')).status).toBe(status);
    // RFC 6749, section 2.3.1: form-encoded, then joined.
    expect(asked).toEqual([`Basic ${Buffer.from('a%3Ab:c+d').toString('base64')}`]);
  });
});
