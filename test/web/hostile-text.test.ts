import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { LOOKUP, type Site, startSite } from './start-site.js';

let site: Site;
beforeEach(async () => {
  site = await startSite();
  await site.approve([LOOKUP]);
});
afterEach(() => site.close());

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></title></textarea></del></ins><form action=https://evil.example><button>Approve</button></form>',
  '<!--',
  '<meta http-equiv=refresh content=0;url=https://evil.example>',
  '<base href=https://evil.example>',
  '&lt;script&gt;&amp;&#x3c;b&#62;',
  'javascript:alert(1)',
  '\u202egnp.exe\u2066\u200b\u{e0041}\u0000\u001b[31m\ufeff',
  '\ud800',
  '{{7*7}}${7*7}<%= 7*7 %>',
  'x\r\nSet-Cookie: a=b\r\n\r\n<h1>owned</h1>',
];

describe('text of a server is shown and never obeyed', () => {
  test.each(HOSTILE)('%j as name, description and parameter', async (text) => {
    await site.declare([
      LOOKUP,
      {
        name: `t${text}`,
        description: `about ${text}`,
        inputSchema: { type: 'object', properties: { [text]: { description: text } } },
      },
    ]);
    const page = await site.get(await site.link('"><b onclick=alert(1)>bob\u202e</b>@example.com'));
    expect(site.logged).toEqual([]);
    expect(page.status).toBe(200);
    expect(page.headers['set-cookie']).toBeUndefined();
    expect(page.text).not.toMatch(/<(script|img|meta http-equiv|base|iframe|object|svg|h1>owned)/i);
    expect(page.text).not.toMatch(/[\u0000\u001b\u200b\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}\ufffd]/u);
    expect(page.text).not.toMatch(/<[a-z][^>]*\son[a-z]+=/i);
    expect(page.text.match(/<form /g)).toHaveLength(1);
    expect(page.text.match(/<button/g)).toHaveLength(1);
    expect(page.text.match(/<\/title>/g)).toHaveLength(1);
    expect(page.text).not.toContain('href="javascript');
  });

  test('so is the comment of whoever decided, and the name of the link’s recipient', async () => {
    const request = await site.declare([{ ...LOOKUP, description: 'Looks up a word.' }]);
    const link = await site.link('<b>bob\u202e</b>@example.com');
    await site.post(link, { digest: request!.digest, decision: 'reject', comment: '<b>no\u202e\nreally\u0007</b>' });
    const page = await site.get(link);
    expect(page.text).toContain('&lt;b&gt;no\\u{202e}\nreally\\u{7}&lt;/b&gt;');
    expect(page.text).toContain('link issued to &lt;b&gt;bob\\u{202e}&lt;/b&gt;@example.com');
    expect(page.text).not.toContain('<b>');
  });

  test('hidden characters are written out', async () => {
    await site.declare([{ ...LOOKUP, description: 'Looks a word up.\u200b\u202e' }]);
    const page = await site.get(await site.link());
    expect(page.text).toContain('\\u{200b}');
    expect(page.text).toContain('\\u{202e}');
  });
});

describe('every answer', () => {
  test('is locked down by its headers', async () => {
    await site.declare([{ ...LOOKUP, description: 'Other.' }]);
    const link = await site.link();
    for (const path of [link, '/enrol', '/nothing', `/approve/${'A'.repeat(43)}`, '/healthz']) {
      const { headers } = await site.get(path);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      expect(headers).toMatchObject({
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex, nofollow',
      });
    }
  });

  test('loads nothing, runs nothing and styles nothing inline', async () => {
    await site.declare([{ ...LOOKUP, description: 'Other.' }]);
    const cookie = await site.as();
    const pages = [await site.link(), '/enrol', '/', '/requests', '/requests/2', '/requests/2?view=split', '/nothing'];
    for (const path of pages) {
      const { text } = await site.get(path, { cookie });
      expect(text).not.toMatch(/<script|<link|\ssrc=|\sstyle=|url\(|@import/i);
      expect(text).toMatch(/^<!doctype html><html lang="en">/);
      expect(text.match(/<h1[ >]/g)).toHaveLength(1);
    }
  });
});

test('an inner failure shows its code and nothing of what failed, and the log says more', async () => {
  await site.declare([{ ...LOOKUP, description: 'Other.' }]);
  const link = await site.link();
  await site.store.close();
  const page = await site.get(link);
  expect(page.status).toBe(500);
  expect(page.text).toMatch(/Code: <code>(STORE_FAILED|INTERNAL)<\/code>/);
  expect(page.text).not.toMatch(/sqlite|database|\.ts|\/tmp/i);
  expect(site.logged.join('\n')).toMatch(/approval page: (STORE_FAILED|INTERNAL): /);
  expect(site.logged.join('\n')).not.toContain(link.slice('/approve/'.length));
  expect((await site.get('/healthz')).status).toBe(503);
});

test('opening links that lead nowhere is slowed down, and forgotten after a minute', async () => {
  await site.declare([{ ...LOOKUP, description: 'Other.' }]);
  const link = await site.link();
  for (let attempt = 0; attempt < 30; attempt++) expect((await site.get(`/approve/guess${attempt}`)).status).toBe(404);
  expect((await site.get('/approve/guess')).status).toBe(429);
  expect((await site.get(link)).status).toBe(429);
  site.advance(60_000);
  expect((await site.get(link)).status).toBe(200);
});
