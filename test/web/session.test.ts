import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createConsoleLink } from '../../src/monitor/console-link.js';
import { createIdentityProvider } from '../../src/sign-in/create-identity-provider.js';
import { pathOnSite } from '../../src/web/path-on-site.js';
import { LOOKUP, REWORDED, type Answer, type Site, startSite } from './start-site.js';

const HOUR = 60 * 60_000;

let site: Site;
let token = '';
beforeEach(async () => {
  site = await startWithConsole();
});
afterEach(() => site.close());

function startWithConsole(publicUrl?: string): Promise<Site> {
  return startSite({
    ...(publicUrl === undefined ? {} : { publicUrl }),
    app: (deps) => {
      const console = createConsoleLink('ann', deps);
      token = console.token;
      return { consoleLink: console.link };
    },
  });
}

const setCookies = ({ headers }: Answer): readonly string[] => [headers['set-cookie'] ?? []].flat();
const cookieOf = (answer: Answer): string => setCookies(answer)[0]?.split(';')[0] ?? '';
const signIn = (cookie?: string): Promise<Answer> =>
  site.post(`/sign-in/console/${token}`, {}, cookie === undefined ? {} : { cookie });

async function isKnown(cookie: string): Promise<boolean> {
  return (await site.get('/requests', { cookie })).status === 200;
}

describe('the cookie', () => {
  test('cannot be read by scripts, is not sent by other sites’ forms, and ends', async () => {
    const answer = await signIn();
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
    const [value, ...attributes] = setCookies(answer)[0]!.split('; ');
    expect(value).toMatch(/^sealwatch=[\w-]{43}$/);
    expect(attributes).toEqual([expect.stringMatching(/^Max-Age=86(399|400)$/), 'Path=/', 'HttpOnly', 'SameSite=Lax']);
    expect(site.bytesOfStore().includes(value!.slice('sealwatch='.length))).toBe(false);
  });

  test('over https is sent over https only, and set by nobody else', async () => {
    await site.close();
    site = await startWithConsole('https://sealwatch.example.com');
    const host = { host: 'sealwatch.example.com' };
    const answer = await site.post(`/sign-in/console/${token}`, {}, host);
    const [value, ...attributes] = setCookies(answer)[0]!.split('; ');
    expect(value).toMatch(/^__Host-sealwatch=[\w-]{43}$/);
    expect(attributes).toEqual(expect.arrayContaining(['HttpOnly', 'Secure', 'Path=/', 'SameSite=Lax']));
    // A sibling domain, or somebody on the way, can plant the name without the prefix.
    const plain = value!.replace('__Host-', '');
    expect((await site.get('/requests', { ...host, cookie: plain })).status).toBe(303);
    expect((await site.get('/requests', { ...host, cookie: value! })).status).toBe(200);
  });

  test('that was planted before signing in is worth nothing afterwards (fixation)', async () => {
    const planted = await site.as();
    const cookie = cookieOf(await signIn(planted));
    expect(cookie).not.toBe(planted);
    expect([await isKnown(planted), await isKnown(cookie)]).toEqual([false, true]);
  });

  test.each<readonly [string, (cookie: string) => string]>([
    ['with one character changed', (cookie) => cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['that is empty', () => 'sealwatch='],
    ['of ten kilobytes', () => `sealwatch=${'x'.repeat(10_000)}`],
    ['that is half of it', (cookie) => cookie.slice(0, -20)],
    ['with text that a query could take for its own', () => "sealwatch=' OR 1=1 --"],
    ['under another name', (cookie) => cookie.replace('sealwatch', 'Sealwatch')],
  ])('%s is nobody’s', async (_, change) => {
    const cookie = cookieOf(await signIn());
    expect(await isKnown(cookie)).toBe(true);
    expect(await isKnown(change(cookie))).toBe(false);
  });

  test('of another installation is nobody’s', async () => {
    const other = await startSite();
    expect(await isKnown(await other.as())).toBe(false);
    await other.close();
  });
});

describe('a session', () => {
  test('ends when it was not used for so long, and not while it is used', async () => {
    const cookie = await site.as();
    for (const hours of [7, 7]) {
      site.advance(hours * HOUR);
      expect(await isKnown(cookie)).toBe(true);
    }
    site.advance(8 * HOUR + 60_000);
    expect(await isKnown(cookie)).toBe(false);
  });

  test('ends at its time however much it is used', async () => {
    const cookie = await site.as();
    for (let hours = 0; hours < 23; hours += 1) {
      site.advance(HOUR);
      expect(await isKnown(cookie)).toBe(true);
    }
    site.advance(HOUR);
    expect(await isKnown(cookie)).toBe(false);
  });

  test('is ended by signing out, also for a copy of the cookie', async () => {
    const cookie = await site.as();
    const answer = await site.post('/sign-out', {}, { cookie });
    expect(answer.status).toBe(200);
    expect(setCookies(answer)[0]).toMatch(/^sealwatch=; Max-Age=0/);
    expect(await isKnown(cookie)).toBe(false);
  });

  test('is not ended by a foreign page or an address that is opened', async () => {
    const cookie = await site.as();
    expect((await site.post('/sign-out', {}, { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await site.get('/sign-out', { cookie })).status).toBe(404);
    expect(await isKnown(cookie)).toBe(true);
  });

  test('that ended decides nothing on a page that is still open', async () => {
    await site.approve([LOOKUP]);
    const request = (await site.declare([REWORDED]))!;
    const cookie = await site.as();
    site.advance(25 * HOUR);
    const form = { digest: request.digest, decision: 'approve' };
    const answer = await site.post(`/requests/${request.id}/decision`, form, { cookie });
    expect(answer.status).toBe(401);
    expect((await site.store.getRequest(request.id))?.state).toBe('open');
  });
});

describe('the link on the console', () => {
  test('signs nobody in by being opened, however often, and one browser by its button', async () => {
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      const answer = await site.get(`/sign-in/console/${token}`, {}, method);
      expect([answer.status, setCookies(answer)]).toEqual([200, []]);
    }
    expect((await signIn()).status).toBe(303);
    const again = await signIn();
    expect([again.status, setCookies(again)]).toEqual([403, []]);
    expect((await site.get(`/sign-in/console/${token}`)).status).toBe(404);
  });

  test('is not used up by a foreign page', async () => {
    const headers = { origin: 'https://evil.example' };
    expect((await site.post(`/sign-in/console/${token}`, {}, headers)).status).toBe(403);
    expect((await signIn()).status).toBe(303);
  });

  test('works for fifteen minutes', async () => {
    site.advance(15 * 60_000);
    expect((await site.get(`/sign-in/console/${token}`)).status).toBe(404);
    expect((await signIn()).status).toBe(403);
  });

  test('is not found by guessing', async () => {
    const statuses = [];
    for (let guess = 0; guess < 61; guess += 1)
      statuses.push((await site.post(`/sign-in/console/${'x'.repeat(43)}`, {})).status);
    expect([...new Set(statuses)]).toEqual([403, 429]);
  });

  test('is no way around a provider, nor are sessions from before one was configured', async () => {
    const console = { id: 'console', name: 'ann', how: 'console' } as const;
    const issuer = 'http://127.0.0.1:9';
    const roles = [{ value: 'x', grant: { role: 'admin', servers: ['*'] } as const }];
    const options = { issuer, clientId: 'x', clientSecret: undefined, scopes: [], claim: 'x', nameClaim: undefined };
    const other = await startSite({
      app: (deps) => {
        const made = createConsoleLink('ann', deps);
        token = made.token;
        const identityProvider = createIdentityProvider({ ...options, roles, ca: undefined });
        return { consoleLink: made.link, identityProvider };
      },
    });
    expect((await other.get(`/sign-in/console/${token}`)).status).toBe(404);
    expect((await other.post(`/sign-in/console/${token}`, {})).status).toBe(403);
    expect((await other.get('/requests', { cookie: await other.as(console) })).status).toBe(303);
    await other.close();
  });
});

test('who is not signed in is sent to sign in, and comes back to the same page', async () => {
  const answer = await site.get('/requests?state=open&x=%2F%2Fevil.example');
  expect([answer.status, answer.headers['location']]).toEqual([
    303,
    `/sign-in?to=${encodeURIComponent('/requests?state=open&x=%2F%2Fevil.example')}`,
  ]);
});

describe('where one goes on to after signing in is on our own site (open redirect)', () => {
  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%09/evil.example'.replace('%09', '\t'),
    '/\n/evil.example',
    'javascript:alert(1)',
    'evil.example',
    '',
    ' /requests',
    '/requests\r\nSet-Cookie: a=b',
    '/\u202erequests',
    `/${'x'.repeat(3_000)}`,
  ])('%j is not', (text) => {
    expect(pathOnSite(text)).toBe('/');
  });

  test.each(['/', '/requests/4', '/requests?state=open', '/approve/abc?x=//y', '/servers/a/compare?ref=b%2Fc'])(
    '%j is',
    (text) => {
      expect(pathOnSite(text)).toBe(text);
    },
  );
});
