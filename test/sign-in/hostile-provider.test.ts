import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Provider } from '../../src/model/provider.js';
import { createIdentityProvider } from '../../src/sign-in/create-identity-provider.js';
import { type Answer, type Site, startSite } from '../web/start-site.js';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  type HostileProvider,
  json,
  type Misdeed,
  startHostileProvider,
} from './start-hostile-provider.js';

let provider: HostileProvider;
beforeAll(async () => {
  provider = await startHostileProvider();
});
afterAll(() => provider.close());

let site: Site;
/** A service that has just been started: nothing is known of the provider yet. */
beforeEach(async () => {
  provider.misdeed = {};
  site = await startSite({ app: () => ({ identityProvider: createIdentityProvider(optionsFor(provider.issuer)) }) });
});
afterEach(() => site.close());

function optionsFor(issuer: string): Provider {
  return {
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scopes: ['openid', 'profile'],
    claim: 'groups',
    nameClaim: undefined,
    roles: [{ value: 'security', grant: { role: 'approver', servers: ['*'] } }],
    ca: undefined,
  };
}

/** A sign-in that a browser began: where it was sent, and the cookie that ties it to the browser. */
interface Begun {
  readonly location: URL;
  readonly cookie: string;
}

async function begin(to = '/requests'): Promise<Begun> {
  const answer = await site.get(`/sign-in/start?to=${encodeURIComponent(to)}`);
  expect(answer.status).toBe(303);
  const location = new URL(String(answer.headers['location']));
  provider.nonce = location.searchParams.get('nonce') ?? '';
  return { location, cookie: cookieOf(answer) };
}

/** The browser comes back from the provider. */
async function comeBack(
  { location, cookie }: Begun,
  parameters: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const usual = { code: 'code', state: location.searchParams.get('state') ?? '', iss: provider.issuer };
  const all: Readonly<Record<string, string | undefined>> = { ...usual, ...parameters };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return site.get(`/sign-in/callback?${new URLSearchParams(given).toString()}`, cookie === '' ? {} : { cookie });
}

function cookieOf({ headers }: Answer): string {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map((one) => one.split(';')[0]!)
    .join('; ');
}

async function signIns(): Promise<readonly unknown[]> {
  return site.store.searchAudit({ types: ['signed-in'], limit: 100 });
}

/** Nobody was signed in: no session in the answer, and none in the log of what happened. */
async function expectNobody(answer: Answer, status: number): Promise<void> {
  expect(answer.status).toBe(status);
  expect(cookieOf(answer)).not.toMatch(/(^|; )sealwatch=[^;]/);
  expect(await signIns()).toEqual([]);
}

test('an honest answer signs in, once, and goes on to where the person wanted to go', async () => {
  const begun = await begin('/requests?state=open');
  expect(Object.fromEntries(begun.location.searchParams)).toMatchObject({
    client_id: CLIENT_ID,
    response_type: 'code',
    scope: 'openid profile',
    code_challenge_method: 'S256',
    redirect_uri: `${site.url}/sign-in/callback`,
  });
  const answer = await comeBack(begun);
  expect([answer.status, answer.headers['location']]).toEqual([303, '/requests?state=open']);
  expect(provider.exchanges.at(-1)?.get('code_verifier')).toMatch(/^[\w-]{43,}$/);
  const inbox = await site.get('/', { cookie: cookieOf(answer) });
  expect(inbox.text).toContain('ann');
  expect((await comeBack(begun)).status).toBe(400);
  expect(await signIns()).toHaveLength(1);
});

describe('an ID token is not believed', () => {
  const past = Math.floor(Date.now() / 1000) - 3_600;
  test.each<readonly [string, Misdeed]>([
    ['with another nonce', { claims: { nonce: 'another' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['of another issuer', { claims: { iss: 'https://elsewhere.example' } }],
    ['for another client', { claims: { aud: 'another' } }],
    ['for several, authorized for another', { claims: { aud: [CLIENT_ID, 'another'], azp: 'another' } }],
    ['that is over', { claims: { exp: past } }],
    ['without an end', { claims: { exp: undefined } }],
    ['from the future', { claims: { iat: past + 7_200, nbf: past + 7_200 } }],
    ['about nobody', { claims: { sub: undefined } }],
    ['without a signature', { signature: 'none' }],
    ['signed with the secret of the client', { signature: 'client-secret' }],
    ['signed with a foreign key under the name of the right one', { signature: 'foreign-key' }],
    ['changed after it was signed', { signature: 'broken' }],
  ])('%s', async (_, misdeed) => {
    provider.misdeed = misdeed;
    const answer = await comeBack(await begin());
    await expectNobody(answer, 403);
    expect(answer.text).toContain('The sign-in failed');
  });
});

describe('an answer of the token endpoint is not believed', () => {
  test.each<readonly [string, Misdeed['tokens'] & {}]>([
    [
      'without an ID token',
      (response) => {
        json(response, { access_token: 'access', token_type: 'Bearer' });
      },
    ],
    ['that is no JSON', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>')],
    ['that failed', (response) => void response.writeHead(500).end('oops')],
    ['that is cut', (response) => void response.writeHead(200, { 'content-length': '999' }).destroy()],
    [
      'that sends us elsewhere',
      (response) => void response.writeHead(307, { location: 'https://elsewhere.example/' }).end(),
    ],
    [
      'of many megabytes',
      (response) => {
        json(response, { access_token: 'x'.repeat(8_000_000), token_type: 'Bearer' });
      },
    ],
    [
      'that refuses',
      (response) => {
        json(response, { error: 'invalid_grant', error_description: HOSTILE }, 400);
      },
    ],
  ])('%s', async (_, tokens) => {
    provider.misdeed = { tokens };
    const answer = await comeBack(await begin());
    await expectNobody(answer, 403);
    expect(answer.text).not.toContain('evil.example');
    expect(site.logged.join('\n')).not.toMatch(/[\u001b\u202e]/);
  });
});

const HOSTILE = '<script src=https://evil.example></script>\u001b[2J\u202e\r\nSet-Cookie: sealwatch=x';

describe('an answer that did not come from where it should', () => {
  test.each<readonly [string, Readonly<Record<string, string | undefined>>]>([
    ['with another state', { state: 'another' }],
    ['without a state', { state: undefined }],
    ['without a code', { code: undefined }],
    ['of another issuer (mix-up)', { iss: 'https://elsewhere.example' }],
    ['of no issuer, though it names itself', { iss: undefined }],
    ['that refuses', { code: undefined, error: 'access_denied', error_description: HOSTILE }],
  ])('%s', async (_, parameters) => {
    const answer = await comeBack(await begin(), parameters);
    await expectNobody(answer, 403);
    expect(answer.text).not.toContain('evil.example');
  });

  test('in a browser that began nothing, as when a foreign page sends it there (login CSRF)', async () => {
    const begun = await begin();
    await expectNobody(await comeBack({ ...begun, cookie: '' }), 400);
    await expectNobody(await comeBack({ ...begun, cookie: 'sealwatch-sign-in=guessed' }), 400);
  });

  test('in a browser that began another one', async () => {
    const [first, second] = [await begin(), await begin()];
    await expectNobody(await comeBack({ location: first.location, cookie: second.cookie }), 403);
  });

  test('too late', async () => {
    const begun = await begin();
    site.advance(10 * 60_000);
    await expectNobody(await comeBack(begun), 400);
  });
});

test('roles that are asked for are those of the same person', async () => {
  provider.misdeed = { claims: { groups: undefined }, userInfo: { sub: 'bob', groups: ['security'] } };
  await expectNobody(await comeBack(await begin()), 403);
  provider.misdeed = { claims: { groups: undefined }, userInfo: { sub: 'ann', groups: ['security'] } };
  expect((await comeBack(await begin())).status).toBe(303);
});

test('what the signed token says of roles is not widened by what is asked for afterwards', async () => {
  provider.misdeed = { claims: { groups: ['nothing'] }, userInfo: { sub: 'ann', groups: ['security'] } };
  const answer = await comeBack(await begin());
  await expectNobody(answer, 403);
  expect(answer.text).toContain('nothing in your claim groups gives a role');
});

describe('a provider that cannot be used keeps nobody from watching, and says so', () => {
  test.each<readonly [string, Misdeed]>([
    ['calls itself otherwise', { metadata: { issuer: 'https://elsewhere.example' } }],
    ['has no place to sign in', { metadata: { authorization_endpoint: undefined } }],
  ])('one that %s', async (_, misdeed) => {
    provider.misdeed = misdeed;
    const answer = await site.get('/sign-in/start');
    await expectNobody(answer, 503);
    expect(answer.text).toContain('The provider cannot be reached');
    provider.misdeed = {};
    expect((await site.get('/sign-in/start')).status).toBe(303);
  });

  test('one that is down', async () => {
    const down = await startSite({
      app: () => ({ identityProvider: createIdentityProvider(optionsFor('http://127.0.0.1:9')) }),
    });
    expect((await down.get('/sign-in/start')).status).toBe(503);
    expect((await down.get('/healthz')).status).toBe(200);
    await down.close();
  });
});
