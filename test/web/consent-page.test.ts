import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { addApiToken } from '../../src/monitor/api-token.js';
import { askConsent, type ConsentQuestion } from '../../src/monitor/consent.js';
import type { Principal } from '../../src/model/principal.js';
import { parseServerId } from '../../src/model/server-id.js';
import { somebody } from '../monitor/principals.js';
import { signInAs } from './sign-in-as.js';
import { type Site, startSite } from './start-site.js';

let site: Site;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

const CALLER = somebody('carol', 'viewer');

/** Returns the path of the page of a new question. */
async function ask(own: Partial<ConsentQuestion> = {}): Promise<string> {
  const question = {
    server: parseServerId('words'),
    tool: 'lookup',
    version: undefined,
    covers: 'call' as const,
    session: 's',
    subject: 'carol',
    person: CALLER.id,
    client: '"editor 1"',
    parameters: '{"word":"x"}',
    ...own,
  };
  const consent = await askConsent(question, JSON.stringify(own), site.deps);
  return `/consents/${consent?.id ?? ''}`;
}

async function stateOf(path: string): Promise<string | undefined> {
  return (await site.store.findConsent(path.split('/')[2] ?? ''))?.state;
}

test('the page shows who calls what with which arguments; reading it, in whatever way, decides and writes nothing', async () => {
  const path = await ask();
  const headers = await signInAs(somebody('bob'), site);
  await site.get(path, headers);
  const before = await site.onlooker.dataVersion();
  const page = await site.get(path, headers);
  await site.get(path, headers, 'HEAD');
  await site.get(`${path}?decision=given`, headers);
  expect(page.text).toContain('May lookup of words be called?');
  expect(page.text).toContain('&quot;word&quot;: &quot;x&quot;');
  expect(page.text).toContain('carol, with &quot;editor 1&quot;');
  expect(await site.onlooker.dataVersion()).toBe(before);
  expect(await stateOf(path)).toBe('waiting');
});

describe('an answer', () => {
  test.each<[string, Principal, number, string]>([
    ['an approver of the server', somebody('bob'), 303, 'given'],
    ['whoever calls, though only a viewer', CALLER, 303, 'given'],
    ['another viewer', somebody('dave', 'viewer'), 404, 'waiting'],
    ['an approver of another server', somebody('erin', 'approver', ['other']), 404, 'waiting'],
    ['somebody of the same name elsewhere', { ...CALLER, id: 'oidc:https://other.example#carol' }, 404, 'waiting'],
  ])('of %s', async (_, principal, status, state) => {
    const path = await ask();
    const headers = await signInAs(principal, site);
    expect((await site.get(path, headers)).status).toBe(status === 303 ? 200 : status);
    expect((await site.post(path, { decision: 'given' }, headers)).status).toBe(status);
    expect(await stateOf(path)).toBe(state);
  });

  test('of an enrolled browser', async () => {
    const path = await ask();
    expect((await site.post(path, { decision: 'refused' }, { cookie: await site.enrol('alice') })).status).toBe(303);
    expect(await stateOf(path)).toBe('refused');
  });

  test('of nobody: the page leads to signing in, and the button does nothing', async () => {
    const path = await ask();
    expect((await site.get(path)).headers['location']).toBe(`/sign-in?to=${encodeURIComponent(path)}`);
    expect((await site.post(path, { decision: 'given' })).status).toBe(401);
    expect(await stateOf(path)).toBe('waiting');
  });

  test('of a program with a token for the API: there is no way', async () => {
    const path = await ask();
    const grants = [{ role: 'admin', servers: ['*'] }] as const;
    const { token } = await addApiToken({ name: 'agent', grants, lifetimeMs: 60_000 }, 'setup', site.deps);
    const headers = { authorization: `Bearer ${token}`, origin: undefined };
    expect((await site.post(path, { decision: 'given' }, headers)).status).toBe(403);
    expect((await site.post(path, { decision: 'given' }, { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await site.post(`/api/v1${path}`, { decision: 'given' }, headers)).status).toBe(404);
    expect(await stateOf(path)).toBe('waiting');
  });

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['no page', { origin: undefined }],
  ])('that comes from %s does not count', async (_, headers) => {
    const path = await ask();
    const signedIn = await signInAs(somebody('bob'), site);
    expect((await site.post(path, { decision: 'given' }, { ...signedIn, ...headers })).status).toBe(403);
    expect(await stateOf(path)).toBe('waiting');
  });

  test.each(['', 'decision=yes', 'decision=used', 'decision=waiting'])('%j is none', async (form) => {
    const path = await ask();
    expect((await site.post(path, form, await signInAs(somebody('bob'), site))).status).toBe(400);
    expect(await stateOf(path)).toBe('waiting');
  });

  test('is given once, and the page says by whom', async () => {
    const path = await ask();
    await site.post(path, { decision: 'refused' }, await signInAs(somebody('bob'), site));
    const again = await site.post(path, { decision: 'given' }, await signInAs(somebody('alice'), site));
    expect([again.status, again.text.includes('APPROVAL_SETTLED'), again.text.includes('By bob (oidc)')]).toEqual([
      409,
      true,
      true,
    ]);
    expect(await stateOf(path)).toBe('refused');
  });

  test('comes too late after ten minutes', async () => {
    const path = await ask();
    site.advance(10 * 60_000);
    const headers = await signInAs(somebody('bob'), site);
    expect((await site.get(path, headers)).text).toContain('Nobody answered in time');
    expect((await site.post(path, { decision: 'given' }, headers)).status).toBe(409);
    expect(await stateOf(path)).toBe('waiting');
  });
});

test('what a client or a model wrote is shown as it is, and does nothing on the page', async () => {
  const parameters = JSON.stringify({ '<b>': '</pre><script>alert(1)</script>\u202ename.exe' });
  const path = await ask({ tool: '<img src=x>', subject: '</dd>', client: '"<i>"', parameters });
  const { text } = await site.get(path, await signInAs(somebody('bob'), site));
  expect(text).not.toMatch(/<script>|<img|<b>|<i>|\u202e/);
  expect(text).toContain('\\u{202e}name.exe');
});

test('a question that never was asked leads nowhere', async () => {
  const headers = await signInAs(somebody('bob'), site);
  expect((await site.get('/consents/x', headers)).status).toBe(404);
  expect((await site.post('/consents/x', { decision: 'given' }, headers)).status).toBe(404);
});
