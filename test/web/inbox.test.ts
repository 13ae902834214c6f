import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { NewAlert } from '../../src/model/alert.js';
import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { somebody } from '../monitor/principals.js';
import { signInAs } from './sign-in-as.js';
import { type Answer, LOOKUP, POISONED, REWORDED, type Site, startSite } from './start-site.js';

const ALICE = somebody('alice');

let site: Site;
let alice: { readonly cookie: string };

beforeEach(async () => {
  site = await startSite();
  await site.approve([LOOKUP]);
  alice = await signInAs(ALICE, site);
});
afterEach(() => site.close());

/** The ticks of a page: their values, and whether they can be ticked. */
function ticks({ text }: Answer): readonly (readonly [string, boolean])[] {
  return [...text.matchAll(/<input type="checkbox"[^>]*>/g)].map(([tag]) => [
    /value="([^"]*)"/.exec(tag)?.[1] ?? '',
    !tag.includes(' disabled='),
  ]);
}

test('nobody sees the inbox without signing in', async () => {
  const answer = await site.get('/');
  expect([answer.status, answer.headers['location']]).toEqual([303, '/sign-in?to=%2F']);
  expect((await site.post('/decisions', { decision: 'approve' })).status).toBe(401);
});

describe('an inbox in which nothing waits', () => {
  test('says since when, and how much is watched', async () => {
    const { text, status } = await site.get('/', alice);
    expect(status).toBe(200);
    expect(text).toContain('Nothing waits for a decision');
    expect(text).toMatch(/Nothing has waited since <time datetime="20/);
    expect(text).toContain('One server is watched.');
    expect(text).not.toContain('<input');
  });

  test('says so of nothing where somebody may see nothing', async () => {
    const stranger = await signInAs(somebody('eve', 'admin', ['other']), site);
    const { text } = await site.get('/', stranger);
    expect(text).toContain('No server is configured that you may see.');
    expect(text).not.toContain('words');
    expect(text).not.toContain('Nothing has waited');
  });
});

describe('what waits', () => {
  test('is shown with its urgency, meaning and age, and can be ticked where it is harmless', async () => {
    const request = await site.declare([REWORDED]);
    site.advance(2 * 60 * 60_000);
    const page = await site.get('/', alice);
    expect(page.text).toContain(`<a href="/requests/${request!.id}">words: one definition differs</a>`);
    expect(page.text).toContain('<strong>wording</strong>: tool &quot;lookup&quot; changed');
    expect(page.text).toContain('>2 hours ago</time>');
    expect(page.text).toContain('<span class="urgency low">low</span>');
    expect(ticks(page)).toEqual([[`${request!.id}:${request!.digest}`, true]]);
  });

  test('is to be opened before it can be ticked, where it is critical, and says so', async () => {
    const request = await site.declare([POISONED]);
    const before = await site.get('/', alice);
    expect(ticks(before).map(([, isEnabled]) => isEnabled)).toEqual([false]);
    expect(before.text).toContain('Open it first: a critical change is not decided unread.');
    await site.get(`/requests/${request!.id}`, alice);
    const after = await site.get('/', alice);
    expect(ticks(after).map(([, isEnabled]) => isEnabled)).toEqual([true]);
  });

  test.each([
    ['a prefetch', { 'sec-purpose': 'prefetch' }, 'GET'],
    ['a page that fetches it in the background', { 'sec-fetch-dest': 'empty' }, 'GET'],
    ['a window that a foreign page opens', { 'sec-fetch-dest': 'document', 'sec-fetch-site': 'cross-site' }, 'GET'],
    ['an image of that address', { 'sec-fetch-dest': 'image' }, 'GET'],
    ['HEAD', {}, 'HEAD'],
  ] as const)('%s is no reading of it', async (_, headers, method) => {
    const request = await site.declare([POISONED]);
    await site.get(`/requests/${request!.id}`, { ...alice, ...headers }, method);
    expect(ticks(await site.get('/', alice)).map(([, isEnabled]) => isEnabled)).toEqual([false]);
  });

  test('can be looked at by a viewer, and there is nothing to press but signing out', async () => {
    await site.declare([REWORDED]);
    const { text } = await site.get('/', await signInAs(somebody('vera', 'viewer'), site));
    expect(text).toContain('words: one definition differs');
    expect(text).toContain('You may look at this server and not decide about it.');
    expect(text.match(/<form /g)).toHaveLength(1);
    expect(text).toContain('action="/sign-out"');
  });
});

describe('deciding what is ticked', () => {
  test('approves it, with the comment, and says what became of each', async () => {
    const request = await site.declare([REWORDED]);
    const form = {
      decision: 'approve',
      item: `${request!.id}:${request!.digest}`,
      comment: 'same words\r\nother order',
    };
    const { status, text } = await site.post('/decisions', form, alice);
    expect(status).toBe(200);
    expect(text).toContain('1 approved');
    expect(await site.store.getRequest(request!.id)).toMatchObject({
      state: 'approved',
      settledBy: 'alice (oidc)',
      comment: 'same words\nother order',
    });
  });

  test('leaves what drifted on meanwhile, and what was never opened', async () => {
    const old = await site.declare([REWORDED]);
    const now = await site.declare([POISONED]);
    const items = [old!, now!].map(({ id, digest }) => `item=${id}:${encodeURIComponent(digest)}`).join('&');
    const { text } = await site.post('/decisions', `decision=approve&${items}`, alice);
    expect(text).toContain('0 approved, 2 not decided');
    expect(text).toContain('APPROVAL_STALE');
    expect(text).toContain('APPROVAL_REFUSED');
    expect(await site.store.getRequest(now!.id)).toMatchObject({ state: 'open', endorsements: [] });
  });

  test.each([
    ['nothing ticked', 'decision=approve'],
    ['no decision', 'item=1:sha256:{}'],
    ['an item that is none', 'decision=approve&item=1'],
    ['an item of another form', 'decision=approve&item=1:md5:abc'],
    ['a decision that is none', 'decision=maybe&item=1:sha256:{}'],
  ])('%s decides nothing and says so', async (_, body) => {
    const request = await site.declare([REWORDED]);
    const answer = await site.post('/decisions', body.replace('{}', request!.digest.slice(7)), alice);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('Nothing was decided');
    expect((await site.store.getRequest(request!.id))?.state).toBe('open');
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin at all', { origin: undefined }],
    ['another site, by fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null' }],
  ])('a form from %s decides nothing', async (_, headers) => {
    const request = await site.declare([REWORDED]);
    const form = { decision: 'approve', item: `${request!.id}:${request!.digest}` };
    expect((await site.post('/decisions', form, { ...alice, ...headers })).status).toBe(403);
    expect((await site.store.getRequest(request!.id))?.state).toBe('open');
  });

  test('a viewer and a stranger decide nothing, whatever they post', async () => {
    const request = await site.declare([REWORDED]);
    const form = { decision: 'approve', item: `${request!.id}:${request!.digest}` };
    const viewer = await site.post('/decisions', form, await signInAs(somebody('vera', 'viewer'), site));
    expect(viewer.text).toContain('FORBIDDEN');
    const stranger = await site.post('/decisions', form, await signInAs(somebody('eve', 'admin', ['other']), site));
    expect(stranger.text).toContain('NOT_FOUND');
    expect((await site.store.getRequest(request!.id))?.state).toBe('open');
  });
});

test('where two persons are needed, the inbox says who approved and that another is missing', async () => {
  await site.close();
  site = await startSite({ policy: { ...DEFAULT_POLICY, twoPersons: ['low'] } });
  await site.approve([LOOKUP]);
  const request = await site.declare([REWORDED]);
  alice = await signInAs(ALICE, site);
  expect((await site.get('/', alice)).text).toContain('Needs two persons.');
  const form = { decision: 'approve', item: `${request!.id}:${request!.digest}` };
  expect((await site.post('/decisions', form, alice)).text).toContain('approved by you; it needs another person');
  expect((await site.get('/', alice)).text).toContain('Approved by alice (oidc); needs another person.');
  expect((await site.post('/decisions', form, alice)).text).toContain('APPROVAL_SAME_PERSON');
  const bob = await signInAs(somebody('bob'), site);
  expect((await site.post('/decisions', form, bob)).text).toContain('1 approved');
});

describe('above what waits', () => {
  test('a server that could not be checked is named, since when and why, and is not called clean', async () => {
    site.advance(25 * 60 * 60_000);
    const at = site.deps.clock.now().toISOString();
    const { id } =
      (await site.store.listChecks())[0]!.server === 'words' ? { id: 'words' as never } : { id: '' as never };
    await site.store.recordFailure(
      {
        kind: 'unchecked',
        server: id,
        vantage: 'default',
        at,
        durationMs: 3,
        code: 'OBSERVE_TIMEOUT',
        message: 'no answer <b>in</b> 30 s\u202e',
      },
      [],
    );
    const { text } = await site.get('/', await signInAs(ALICE, site));
    expect(text).toContain('One server could not be checked: how it stands is not known');
    expect(text).toContain('no answer &lt;b&gt;in&lt;/b&gt; 30 s\\u{202e} <code>OBSERVE_TIMEOUT</code>');
    expect(text).toContain('everything of it is on hold');
    expect(text).toContain('0 of 1 could be checked');
  });

  test('alerts that do not arrive are named by their channel, for whoever may see every server', async () => {
    const alert: NewAlert = {
      subject: { kind: 'unchecked-too-long', server: 'words' as never, since: '2026-01-01T00:00:00.000Z' },
      urgency: 'high',
      dedupKey: 'one',
      to: [{ channel: 'ops <mail>', recipient: 'ops@example.com' }],
    };
    const now = site.deps.clock.now().toISOString();
    await site.store.raise([alert], now);
    const later = new Date(site.deps.clock.now().getTime() + 60_000).toISOString();
    const [delivery] = await site.store.claimDeliveries(later, later, 10);
    await site.store.markFailed(delivery!.id, { message: 'mailbox <i>full</i>', nextAttemptAt: undefined }, []);
    const { text } = await site.get('/', alice);
    expect(text).toContain('Alerts do not arrive');
    expect(text).toContain('<strong>ops &lt;mail&gt;</strong>: 1 given up; mailbox &lt;i&gt;full&lt;/i&gt;');
    const some = await signInAs(somebody('bob', 'approver', ['words']), site);
    expect((await site.get('/', some)).text).not.toContain('Alerts do not arrive');
  });
});
