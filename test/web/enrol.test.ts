import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { LOOKUP, POISONED, type Site, startSite } from './start-site.js';

let site: Site;
beforeEach(async () => {
  site = await startSite();
});
afterEach(() => site.close());

describe('a one-time code', () => {
  test('enrols a browser, whose cookie no script and no other site can use', async () => {
    const answer = await site.post('/enrol', { code: await site.code('alice') });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('This browser is enrolled for alice');
    expect(answer.headers['set-cookie']).toMatch(
      /^sealwatch=[A-Za-z0-9_-]{43}; Max-Age=(2592000|2591999); Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const cookie = String(answer.headers['set-cookie']).split(';')[0]!;
    expect((await site.get('/enrol', { cookie })).text).toContain('enrolled for alice already');
  });

  test('is typed in any case, with or without hyphens', async () => {
    const code = (await site.code('alice')).toLowerCase().replaceAll('-', ' ');
    expect((await site.post('/enrol', { code })).status).toBe(200);
  });

  test('works once', async () => {
    const code = await site.code('alice');
    expect((await site.post('/enrol', { code })).status).toBe(200);
    const again = await site.post('/enrol', { code });
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test('works once also where it is sent twice at the same moment', async () => {
    const code = await site.code('alice');
    const answers = await Promise.all([1, 2, 3].map(() => site.post('/enrol', { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  });

  test('expires after an hour', async () => {
    const code = await site.code('alice');
    site.advance(60 * 60_000);
    expect((await site.post('/enrol', { code })).status).toBe(403);
  });

  test.each(['', 'code=', 'code=AAAA-AAAA-AAAA-AAAA', `code=${'A'.repeat(101)}`, 'x=y'])('is not %s', async (body) => {
    const answer = await site.post('/enrol', body);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('APPROVAL_REFUSED');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('is not guessed: ten attempts in ten minutes, and then even the right one waits', async () => {
    const code = await site.code('alice');
    for (let attempt = 0; attempt < 10; attempt++)
      expect((await site.post('/enrol', { code: 'wrong' })).status).toBe(403);
    const refused = await site.post('/enrol', { code });
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('600');
    site.advance(10 * 60_000);
    expect((await site.post('/enrol', { code })).status).toBe(200);
  });
});

test('enrolling on the page of a link leads back to it, and to nowhere else', async () => {
  await site.approve([LOOKUP]);
  await site.declare([POISONED]);
  const link = await site.link();
  const token = link.slice('/approve/'.length);
  const answer = await site.post('/enrol', { code: await site.code('alice'), token });
  expect(answer.status).toBe(303);
  expect(answer.headers['location']).toBe(link);
  for (const elsewhere of ['//evil.example', 'https://evil.example', '../enrol', 'x/../../y', 'a\r\nb', '']) {
    const refused = await site.post('/enrol', { code: await site.code(`bob${elsewhere.length}`), token: elsewhere });
    expect(refused.status).toBe(403);
    expect(refused.headers['location']).toBeUndefined();
  }
});

test('a session ends after thirty days', async () => {
  await site.approve([LOOKUP]);
  const cookie = await site.enrol('alice');
  site.advance(31 * 24 * 60 * 60_000);
  const request = await site.declare([POISONED]);
  const answer = await site.post(await site.link(), { digest: request!.digest, decision: 'approve' }, { cookie });
  expect(answer.status).toBe(403);
});

test('the store holds neither session, code nor link', async () => {
  await site.approve([LOOKUP]);
  await site.declare([POISONED]);
  const link = await site.link();
  const code = await site.code('alice');
  const { headers } = await site.post('/enrol', { code });
  const session = /sealwatch=([^;]+)/.exec(String(headers['set-cookie']))![1]!;
  const entries = JSON.stringify(await site.store.auditEntries({ from: 0, limit: 1_000 }));
  for (const secret of [session, code, link.slice('/approve/'.length)]) {
    expect(site.bytesOfStore().includes(Buffer.from(secret))).toBe(false);
    expect(entries).not.toContain(secret);
  }
  expect(site.bytesOfStore().includes(Buffer.from('Looks a word up.'))).toBe(true);
});

test('over https the cookie is bound to the host and to TLS', async () => {
  const secure = await startSite({ publicUrl: 'https://sealwatch.example.com' });
  const answer = await secure.post('/enrol', { code: await secure.code('alice') });
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-sealwatch=[A-Za-z0-9_-]{43}; Max-Age=(2592000|2591999); Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  await secure.close();
});

test('behind a path the pages point to themselves', async () => {
  const below = await startSite({ publicUrl: 'https://example.com/sealwatch' });
  await below.approve([LOOKUP]);
  await below.declare([POISONED]);
  const page = await below.get(await below.link());
  expect(page.text).toContain('action="/sealwatch/enrol"');
  await below.close();
});
