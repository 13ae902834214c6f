import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ADMIN, type Fleet, startFleet, VIEWER } from './start-fleet.js';
import { LOOKUP, POISONED, REWORDED, type Tool } from './start-site.js';

const PAYMENTS = { role: 'viewer', servers: ['payments-*'] } as const;
const HOSTILE: Tool = {
  name: '<script>alert(1)</script>\u202e',
  description: '"><img src=x onerror=alert(2)>\u0000 </textarea><script>',
  inputSchema: {},
};

let fleet: Fleet;
let viewer: string;

beforeEach(async () => {
  fleet = await startFleet({
    'payments-api': { labels: { team: 'payments', tier: '1' } },
    'payments-web': { labels: { team: 'payments' } },
    wiki: { labels: { team: 'docs' } },
    fresh: {},
  });
  viewer = await fleet.signIn(VIEWER);
});

afterEach(() => fleet.close());

/** Ids in the table, in their order. */
function idsOn(page: string): readonly string[] {
  return [...page.matchAll(/href="\/servers\/([a-z-]+)"/g)].map(([, id]) => id!);
}

describe('the list', () => {
  beforeEach(async () => {
    await fleet.approve('payments-api', [LOOKUP]);
    await fleet.approve('payments-web', [LOOKUP]);
    await fleet.approve('wiki', [LOOKUP]);
    await fleet.declare('payments-web', [REWORDED]);
    await fleet.fail('wiki', 'wiki: no answer in 30000 ms');
  });

  test('has the worst server first, its state in words, and a link to what waits', async () => {
    const page = await fleet.get('/servers', viewer);
    expect(page.status).toBe(200);
    expect(idsOn(page.text)).toEqual(['wiki', 'payments-web', 'fresh', 'payments-api']);
    expect(page.text).toContain('<span class="tag unchecked">could not check</span>');
    expect(page.text).toContain('<span class="tag held">on hold</span>');
    expect(page.text).toContain('<a href="/requests/4">request 4</a> <span class="urgency low">low</span>');
    expect(page.text).toContain('4 servers, worst first');
  });

  test.each([
    ['', ['wiki', 'payments-web', 'fresh', 'payments-api']],
    ['?state=held', ['payments-web']],
    ['?label=team%3Dpayments', ['payments-web', 'payments-api']],
    ['?label=tier', ['payments-api']],
    ['?label=team', ['wiki', 'payments-web', 'payments-api']],
    ['?q=API', ['payments-api']],
    ['?state=approved&label=team%3Dpayments&q=pay', ['payments-api']],
    ['?state=blocked', []],
  ])('filtered by %s shows %j', async (search, ids) => {
    expect(idsOn((await fleet.get(`/servers${search}`, viewer)).text)).toEqual(ids);
  });

  test('keeps what was asked for in its form, escaped', async () => {
    const page = await fleet.get(`/servers?q=${encodeURIComponent('"><script>alert(1)</script>')}`, viewer);
    expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(page.text).not.toContain('<script>');
  });

  test.each(['?state=fine', `?q=${'x'.repeat(201)}`])('does not guess at %s', async (search) => {
    expect((await fleet.get(`/servers${search}`, viewer)).status).toBe(400);
  });

  test('of somebody who sees some servers names no others', async () => {
    const page = await fleet.get('/servers', await fleet.signIn(PAYMENTS));
    expect(idsOn(page.text)).toEqual(['payments-web', 'payments-api']);
    expect(page.text).not.toContain('wiki');
  });

  test('of somebody who may see nothing is empty, and says so', async () => {
    const page = await fleet.get('/servers', await fleet.signIn());
    expect(page.text).toContain('No server is configured that you may see.');
  });
});

describe('one server', () => {
  test('says how it stands, where it comes from, how it is watched and what happened, without secrets', async () => {
    await fleet.approve('payments-api', [LOOKUP]);
    await fleet.declare('payments-api', [POISONED]);
    const { status, text } = await fleet.get('/servers/payments-api', viewer);
    expect(status).toBe(200);
    expect(text).toContain('Something differs from what is approved, and is on hold until somebody decides.');
    expect(text).toContain('2 allowed, 1 on hold, 0 blocked');
    expect(text).toContain('<dt>args</dt><dd><code>--token ${TOKEN}</code></dd>');
    expect(text).toContain('hold: a person approves what is seen first');
    expect(text).toContain('every 1 minute');
    expect(text).toContain('everything is on hold after 1 day');
    expect(text).toContain('<a href="/requests/2">request 2</a> opened <span class="urgency critical">critical</span>');
    expect(text).toContain('approved by alice (browser): 3 definitions');
    expect(text).not.toContain('hunter2');
  });

  test('that cannot be checked tells since when and why, its message quoted', async () => {
    await fleet.fail('wiki', 'wiki: "<b>\u202eno</b>" in 30000 ms');
    const { text } = await fleet.get('/servers/wiki', viewer);
    expect(text).toContain('<code>OBSERVE_TIMEOUT</code> wiki: &quot;&lt;b&gt;\\u{202e}no&lt;/b&gt;&quot; in 30000 ms');
    expect(text).toContain('It cannot be checked now (OBSERVE_TIMEOUT)');
  });

  test('has no section for what nobody knows', async () => {
    const { text } = await fleet.get('/servers/fresh', viewer);
    const headings = [...text.matchAll(/<h2 id="([a-z-]+)"/g)].map(([, id]) => id);
    expect(headings).toEqual(['checks', 'origin', 'posture']);
    expect(text).toContain('It was never checked: nothing is known of it, and nothing is allowed.');
  });

  test('with hostile names in it stays a page of ours', async () => {
    await fleet.declare('wiki', [HOSTILE]);
    const { text } = await fleet.get('/servers/wiki', viewer);
    expect(text).toContain('tool &quot;&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}&quot;');
    expect(text).not.toMatch(/<script|<img|\u202e|\u0000/);
  });

  test.each([
    '/servers/wiki',
    '/servers/nowhere',
    '/servers/%2e%2e%2fetc',
    '/servers/wiki/compare?ref=wiki/tool/lookup',
  ])('%s is not found by somebody who may not see it, and its name is not repeated', async (path) => {
    await fleet.declare('wiki', [LOOKUP]);
    const page = await fleet.get(path, await fleet.signIn(PAYMENTS));
    expect(page.status).toBe(404);
    expect(page.text).not.toMatch(/wiki|nowhere|etc/);
  });

  test.each(['/servers', '/servers/wiki', '/audit', '/audit.csv', '/audit/proof', '/overview', '/deliveries'])(
    '%s sends somebody who is not signed in to sign in first',
    async (path) => {
      const page = await fleet.get(path);
      expect([page.status, page.headers['location']]).toEqual([303, `/sign-in?to=${encodeURIComponent(path)}`]);
    },
  );
});

describe('versions of a definition', () => {
  const PATH = '/servers/wiki/compare';
  const REF = 'wiki/tool/lookup';

  async function versions(): Promise<readonly string[]> {
    await fleet.approve('wiki', [LOOKUP]);
    fleet.pass(60_000);
    await fleet.declare('wiki', [POISONED]);
    return (await fleet.deps.store.history(REF)).map(({ version }) => version);
  }

  function path(query: Record<string, string>): string {
    return `${PATH}?${new URLSearchParams(query).toString()}`;
  }

  test('are listed newest first, with the newest two chosen', async () => {
    await versions();
    const { text } = await fleet.get(path({ ref: REF }), viewer);
    expect(text).toContain('<h2 id="versions">2 versions</h2>');
    const chosen = [...text.matchAll(/name="(from|to)" value="([^"]+)" checked=""/g)].map(([, name]) => name);
    expect(chosen).toEqual(['to', 'from']);
    expect(text).toContain('by alice (browser)');
  });

  test('are compared as a change is shown, with the findings', async () => {
    const [from, to] = await versions();
    const { text } = await fleet.get(path({ ref: REF, from: from!, to: to! }), viewer);
    expect(text).toContain('+ &lt;IMPORTANT&gt;Before using this tool');
    expect(text).toContain('sensitive-file');
    const back = await fleet.get(path({ ref: REF, from: to!, to: from! }), viewer);
    expect(back.text).toContain('- &lt;IMPORTANT&gt;Before using this tool');
  });

  test('that are the same have no difference', async () => {
    const [from] = await versions();
    const { text } = await fleet.get(path({ ref: REF, from: from!, to: from! }), viewer);
    expect(text).toContain('Nothing differs');
  });

  test.each([
    ['a reference that is none', { ref: 'wiki' }, 400],
    ['no reference', {}, 400],
    ['a definition of another server', { ref: 'payments-api/tool/lookup' }, 404],
    ['a version that was never seen', { ref: REF, from: 'v1:sha256:00', to: 'v1:sha256:00' }, 404],
    ['a definition that was never seen', { ref: 'wiki/tool/nothing' }, 404],
  ])('%s: a clear answer', async (_, query, status) => {
    await versions();
    await fleet.declare('payments-api', [LOOKUP]);
    expect((await fleet.get(path(query as Record<string, string>), viewer)).status).toBe(status);
  });

  test('with hostile names in them stay a page of ours', async () => {
    await fleet.declare('wiki', [HOSTILE]);
    fleet.pass(60_000);
    await fleet.declare('wiki', [{ ...HOSTILE, description: 'other' }]);
    const ref = (await fleet.deps.store.historyOf(fleet.servers[2]!.id)).find(({ refText }) =>
      refText.includes('script'),
    )!;
    const all = (await fleet.deps.store.history(ref.refText)).map(({ version }) => version);
    const { text } = await fleet.get(path({ ref: ref.refText, from: all[0]!, to: all[1]! }), viewer);
    expect(text).toContain('\\u{202e}');
    expect(text).not.toMatch(/<script|<img|\u202e|\u0000/);
  });
});

describe('alerts', () => {
  async function raise(): Promise<void> {
    const { store, clock } = fleet.deps;
    const now = clock.now().toISOString();
    const subject = { kind: 'channel-failed', channel: 'email', message: 'x' } as const;
    const to = [
      { channel: 'webhook', recipient: '' },
      { channel: 'email', recipient: '<i>@example.com' },
    ];
    await store.raise([{ subject, urgency: 'high', dedupKey: 'a', to }], now);
    for (const { id, channel } of await store.claimDeliveries(now, now, 10)) {
      const nextAttemptAt = channel === 'email' ? undefined : '2099-01-01T00:00:00.000Z';
      await store.markFailed(id, { message: 'answered "550 <script>\\u{1b}[2J"', nextAttemptAt }, []);
    }
  }

  test('that were given up are shown with the reason, and an admin sends them again', async () => {
    await raise();
    const admin = await fleet.signIn(ADMIN);
    const page = await fleet.get('/deliveries', admin);
    expect(page.text).toContain('answered &quot;550 &lt;script&gt;\\u{1b}[2J&quot;');
    expect(page.text).toContain('email to &lt;i&gt;@example.com');
    const [, form] = /action="(\/deliveries\/\d+\/retry)"/.exec(page.text)!;
    const answer = await fleet.post(form!, admin);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/deliveries']);
    expect(await fleet.deps.store.countDeliveries()).toEqual({ waiting: 2, dead: 0 });
    const [entry] = await fleet.deps.store.searchAudit({ types: ['delivery-retried'], limit: 1 });
    expect(entry?.actor).toBe('eve (oidc)');
    expect((await fleet.post(form!, admin)).status).toBe(404);
  });

  test.each([
    ['a viewer of every server', VIEWER, 200],
    ['an approver of every server', { role: 'approver', servers: ['*'] } as const, 200],
    ['an admin of some servers', { role: 'admin', servers: ['payments-*'] } as const, 403],
  ])('%s cannot send them again', async (_, grant, shown) => {
    await raise();
    const cookie = await fleet.signIn(grant);
    const page = await fleet.get('/deliveries', cookie);
    expect(page.status).toBe(shown);
    expect(page.text).not.toContain('/retry');
    const dead = await fleet.deps.store.listDeliveries({ states: ['dead'], limit: 1 });
    expect((await fleet.post(`/deliveries/${dead[0]!.id}/retry`, cookie)).status).toBe(403);
    expect((await fleet.deps.store.countDeliveries()).dead).toBe(1);
  });

  test('a GET sends nothing again', async () => {
    await raise();
    const dead = await fleet.deps.store.listDeliveries({ states: ['dead'], limit: 1 });
    await fleet.get(`/deliveries/${dead[0]!.id}/retry`, await fleet.signIn(ADMIN));
    expect((await fleet.deps.store.countDeliveries()).dead).toBe(1);
  });
});
