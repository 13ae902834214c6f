import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Grant, Role } from '../../src/model/principal.js';
import { addApiToken, removeApiToken } from '../../src/monitor/api-token.js';
import { ask, send } from './api-client.js';
import { LOOKUP, REWORDED, type Site, startSite } from './start-site.js';

const HOUR = 60 * 60_000;

let site: Site;
let requestId = 0;
let digest = '';
beforeAll(async () => {
  site = await startSite();
  await site.approve([LOOKUP]);
  const request = (await site.declare([REWORDED]))!;
  [requestId, digest] = [request.id, request.digest];
});
afterAll(() => site.close());

let count = 0;
let token = '';
beforeEach(async () => {
  token = await tokenFor('admin');
});

async function tokenFor(role: Role, servers: readonly string[] = ['*'], lifetimeMs = HOUR): Promise<string> {
  count += 1;
  const grants: readonly Grant[] = [{ role, servers }];
  return (await addApiToken({ name: `program-${count}`, grants, lifetimeMs }, 'setup', site.deps)).token;
}

const bearer = (value: string): Record<string, string> => ({ authorization: `Bearer ${value}` });
const statusOf = async (headers: Record<string, string>): Promise<number> => (await ask(site, '/me', headers)).status;

test('a token is known, and stored as a hash only', async () => {
  expect((await ask(site, '/me', bearer(token))).json).toMatchObject({ name: `program-${count}` });
  expect(site.bytesOfStore().includes(token)).toBe(false);
  expect(site.bytesOfStore().includes(token.slice(4))).toBe(false);
});

describe('nobody’s is', () => {
  test.each<readonly [string, (value: string) => Record<string, string>]>([
    ['none', () => ({})],
    ['an empty one', () => ({ authorization: 'Bearer ' })],
    ['one with a character changed', (value) => bearer(value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))],
    ['one without its prefix', (value) => bearer(value.slice(4))],
    ['half of one', (value) => bearer(value.slice(0, 20))],
    ['one in another scheme', (value) => ({ authorization: `Basic ${value}` })],
    ['one in a cookie', (value) => ({ cookie: `sealwatch=${value}` })],
    ['one with something behind it', (value) => bearer(`${value} x`)],
  ])('%s', async (_, headers) => {
    expect(await statusOf(headers(token))).toBe(401);
  });

  test('one in the address', async () => {
    expect((await ask(site, `/me?access_token=${token}`, {})).status).toBe(401);
  });

  test('one whose time is over', async () => {
    const short = await tokenFor('viewer', ['*'], 60_000);
    expect(await statusOf(bearer(short))).toBe(200);
    site.advance(60_000);
    expect(await statusOf(bearer(short))).toBe(401);
  });

  test('one that was removed', async () => {
    await removeApiToken(`program-${count}`, 'setup', site.deps);
    expect(await statusOf(bearer(token))).toBe(401);
  });

  test('one that is nobody’s, also beside a cookie that is somebody’s', async () => {
    const cookie = await site.as();
    expect(await statusOf({ cookie })).toBe(200);
    expect(await statusOf({ cookie, ...bearer(`swt_${'x'.repeat(43)}`) })).toBe(401);
  });
});

test('a token opens no page', async () => {
  const answer = await site.get('/requests', bearer(token));
  expect([answer.status, String(answer.headers['location'])]).toEqual([303, '/sign-in?to=%2Frequests']);
});

test('a name is that of one token', async () => {
  const again = { name: `program-${count}`, grants: [], lifetimeMs: HOUR };
  await expect(addApiToken(again, 'setup', site.deps)).rejects.toMatchObject({ code: 'API_TOKEN_EXISTS' });
});

describe('what a token may not', () => {
  const decision = () => ({ digest, decision: 'approve' });

  test.each<readonly [string, Role, readonly string[], number]>([
    ['a viewer’s', 'viewer', ['*'], 403],
    ['an approver’s of other servers', 'approver', ['payments-*'], 404],
    ['an approver’s of no server', 'approver', [], 404],
    ['an approver’s of a server whose name begins the same', 'approver', ['word', 'words-', 'words?'], 404],
  ])('%s decides nothing', async (_, role, servers, status) => {
    const one = await tokenFor(role, servers);
    expect((await send(site, `/requests/${requestId}/decision`, decision(), bearer(one))).status).toBe(status);
    expect((await site.store.getRequest(requestId))?.state).toBe('open');
  });

  test.each(['/requests', '/servers', '/overview'])('see other servers in %s', async (path) => {
    const one = await tokenFor('admin', ['payments-*']);
    const answer = await ask(site, path, bearer(one));
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('words');
  });

  test.each(['/audit', '/audit/proof', '/deliveries'])('read %s without every server', async (path) => {
    const one = await tokenFor('admin', ['words', 'payments-*']);
    expect((await ask(site, path, bearer(one))).status).toBe(403);
  });

  test.each(['/servers/words', '/definitions/words%2Ftool%2Flookup/versions', '/compare?ref=words%2Ftool%2Flookup'])(
    'tell what is at %s from what is nowhere',
    async (path) => {
      const one = await tokenFor('admin', ['payments-*']);
      const [there, nowhere] = [
        await ask(site, path, bearer(one)),
        await ask(site, path.replace('words', 'nowhere'), bearer(one)),
      ];
      expect([there.status, there.text.replaceAll('words', 'nowhere')]).toEqual([nowhere.status, nowhere.text]);
      expect(there.status).not.toBe(200);
    },
  );
});

test('tokens are not found by guessing, and one that is somebody’s works meanwhile', async () => {
  const statuses = [];
  for (let guess = 0; guess < 31; guess += 1) statuses.push(await statusOf(bearer(`swt_${'x'.repeat(43)}`)));
  expect(statuses.at(-1)).toBe(429);
  expect(await statusOf(bearer(token))).toBe(200);
});
