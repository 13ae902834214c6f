import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LOOKUP, REWORDED, type Site, startSite } from './start-site.js';

const FORM = 'application/x-www-form-urlencoded';

let site: Site;
let id: number;
let digest: string;
beforeAll(async () => {
  site = await startSite({ allowedHosts: ['127.0.0.1', 'sealwatch.internal:8080'] });
  await site.approve([LOOKUP]);
  const request = await site.declare([REWORDED]);
  id = request!.id;
  digest = request!.digest;
});
afterAll(() => site.close());

async function isOpen(): Promise<boolean> {
  return (await site.store.getRequest(id))?.state === 'open';
}

describe('a POST that does not come from our own page is refused', () => {
  const foreign: readonly (readonly [string, Record<string, string | undefined>])[] = [
    ['another site', { origin: 'https://evil.example' }],
    ['another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['another scheme', { origin: 'https://127.0.0.1' }],
    ['an origin that starts like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['a sandboxed frame or a file', { origin: 'null' }],
    ['an empty origin', { origin: '' }],
    ['no origin at all', { origin: undefined }],
    ['no origin, and a cross-site fetch', { origin: undefined, 'sec-fetch-site': 'cross-site' }],
    ['no origin, and a same-site fetch', { origin: undefined, 'sec-fetch-site': 'same-site' }],
    ['no origin, and a typed address', { origin: undefined, 'sec-fetch-site': 'none' }],
    ['two fetch sites', { origin: undefined, 'sec-fetch-site': 'same-origin, cross-site' }],
  ];
  const types = [
    FORM,
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/json',
    'application/octet-stream',
    undefined,
  ];

  for (const [title, headers] of foreign) {
    test(`${title}, whatever the content type`, async () => {
      const link = await site.link();
      for (const type of types) {
        const body =
          type === 'application/json'
            ? JSON.stringify({ digest, decision: 'approve' })
            : `digest=${digest}&decision=approve`;
        const answer = await site.post(link, body, { ...headers, 'content-type': type });
        expect(answer.status).toBe(403);
        expect(answer.text).toContain('APPROVAL_REFUSED');
      }
      expect(await isOpen()).toBe(true);
    });
  }

  test('also where its origin is ours but the browser says that it is cross-site', async () => {
    const answer = await site.post(
      await site.link(),
      { digest, decision: 'approve' },
      { 'sec-fetch-site': 'cross-site' },
    );
    expect(answer.status).toBe(403);
    expect(await isOpen()).toBe(true);
  });

  test('also for the enrolment, so that nobody enrols another person’s browser', async () => {
    const code = await site.code('mallory');
    const answer = await site.post('/enrol', { code }, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('and no other method decides', async () => {
    const link = await site.link();
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await fetch(site.url + link, { method, headers: { origin: site.url } });
      expect(response.status).toBe(404);
    }
    expect(await isOpen()).toBe(true);
  });
});

describe('a name that is not ours is not answered (DNS rebinding)', () => {
  test.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'evil.example:80',
    'localhost',
    'sealwatch.internal',
    'sealwatch.internal:81',
  ])('%s', async (host) => {
    const link = await site.link();
    const page = await site.get(link, { host });
    expect(page.status).toBe(421);
    expect(page.text).not.toContain('Looks up a word.');
    const answer = await site.post(link, { digest, decision: 'approve' }, { host, origin: `http://${host}` });
    expect(answer.status).toBe(421);
    expect(await isOpen()).toBe(true);
  });

  test.each(['127.0.0.1', '127.0.0.1:9', 'SEALWATCH.internal:8080'])('%s is ours', async (host) => {
    expect((await site.get(await site.link(), { host })).status).toBe(200);
  });

  test('the health check answers under every name, and says nothing else', async () => {
    expect(await site.get('/healthz', { host: 'evil.example' })).toMatchObject({
      status: 200,
      text: '{"status":"ok"}',
    });
  });
});

test('a POST with no origin from a browser that says same-origin is taken', async () => {
  const headers = { origin: undefined, 'sec-fetch-site': 'same-origin' };
  expect((await site.post(await site.link(), { digest, decision: 'approve' }, headers)).status).toBe(200);
  expect(await isOpen()).toBe(false);
});
