import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Fleet, startFleet, VIEWER } from './start-fleet.js';
import { type Answer, LOOKUP, REWORDED } from './start-site.js';

const ALICE = { kind: 'person', name: 'alice', how: 'browser' } as const;
const DAY_MS = 24 * 60 * 60_000;

let fleet: Fleet;
let viewer: string;

beforeEach(async () => {
  fleet = await startFleet({ 'payments-api': {}, wiki: {} });
  viewer = await fleet.signIn(VIEWER);
});

afterEach(() => fleet.close());

/** Numbers of the entries in the table, in their order. */
function indexesOn({ text }: Answer): readonly number[] {
  return [...text.matchAll(/role="rowheader">(\d+)</g)].map(([, index]) => Number(index));
}

/** Sentences of the table. */
function sentencesOn({ text }: Answer): readonly string[] {
  return [...text.matchAll(/data-label="What" dir="ltr">([^<]*)</g)].map(([, sentence]) => sentence!);
}

async function comment(text: string): Promise<void> {
  const [open] = await fleet.deps.store.listRequests({ states: ['open'] });
  const at = fleet.deps.clock.now().toISOString();
  await fleet.deps.store.addComment({ request: open!.id, actor: ALICE, at, text });
}

describe('the page', () => {
  test('tells what happened, newest first, in sentences with who and when', async () => {
    await fleet.approve('wiki', [LOOKUP]);
    const page = await fleet.get('/audit', viewer);
    expect(fleet.logged).toEqual([]);
    expect(page.status).toBe(200);
    expect(indexesOn(page)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect(sentencesOn(page).map((one) => one.replace(/[0-9a-f]{12}/, 'N').replace(/, until .*/, ''))).toEqual([
      'approved wiki/tool/lookup, version N (request 1)',
      'approved wiki/server/, version N (request 1)',
      'approved wiki/provenance/, version N (request 1)',
      'approved request 1',
      'opened request 1: wiki differs from what is approved',
      'signed in as oidc:x#eve',
      expect.stringMatching(/^created the store /),
    ]);
    expect(page.text).toContain('alice (browser)');
  });

  test('shows texts of people and servers quoted and escaped', async () => {
    await fleet.declare('wiki', [{ ...LOOKUP, name: '<script>\u202e' }]);
    await comment('<img src=x onerror=alert(1)> \u202e\nghp_abcdefghijklmnopqrstuvwxyz0123456789');
    await fleet.declare('wiki', [LOOKUP]);
    const page = await fleet.get('/audit', viewer);
    expect(page.text).toContain('wrote on request 1: &quot;&lt;img src=x onerror=alert(1)&gt; \\u{202e}\\nghp_•');
    expect(page.text).not.toMatch(/<script|<img|\u202e|wxyz0123/);
  });

  test('has fifty entries, and leads to the older ones and back', async () => {
    await fleet.declare('wiki', [LOOKUP]);
    for (let index = 0; index < 60; index++) await comment(`remark ${index}`);
    const first = await fleet.get('/audit?type=comment', viewer);
    expect(indexesOn(first).length).toBe(50);
    const [, older] = /href="(\/audit\?[^"]*before=\d+)"/.exec(first.text)!;
    const second = await fleet.get(older!.replaceAll('&amp;', '&'), viewer);
    expect(indexesOn(second).length).toBe(10);
    expect(new Set([...indexesOn(first), ...indexesOn(second)]).size).toBe(60);
    expect(second.text).toContain('<a href="/audit?type=comment">Newest entries</a>');
    expect(second.text).not.toContain('Older entries');
  });

  describe('filtered', () => {
    beforeEach(async () => {
      await fleet.approve('wiki', [LOOKUP]);
      await fleet.declare('payments-api', [LOOKUP]);
      await comment('100% of "this"');
      fleet.pass(2 * DAY_MS);
      viewer = await fleet.signIn(VIEWER);
      await fleet.declare('wiki', [REWORDED]);
    });

    const day = (daysAhead: number): string =>
      new Date(fleet.deps.clock.now().getTime() + daysAhead * DAY_MS).toISOString().slice(0, 10);

    test.each([
      ['by kind', () => 'type=request-opened', 3],
      ['by server', () => 'server=payments-api', 2],
      ['by a text of a person', () => 'text=100%25+of', 1],
      ['by a text with quotation marks', () => 'text=%22this%22', 1],
      ['by a sign that databases take for anything', () => 'text=%25', 1],
      ['by who did it', () => 'text=alice', 5],
      ['from a day on', () => `from=${day(0)}`, 2],
      ['up to a day, that day included', () => `to=${day(-2)}`, 9],
      ['by days that hold nothing', () => `from=${day(-1)}&to=${day(-1)}`, 0],
      ['by several at once', () => `type=request-opened&server=wiki&from=${day(0)}`, 1],
    ])('%s, it shows what is meant, and exports the same', async (_, query, count) => {
      const page = await fleet.get(`/audit?${query()}`, viewer);
      expect(indexesOn(page).length).toBe(count);
      const lines = (await fleet.get(`/audit.jsonl?${query()}`, viewer)).text.split('\n').filter((line) => line !== '');
      expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual(indexesOn(page));
      const csv = await fleet.get(`/audit.csv?${query()}`, viewer);
      expect(csv.text.split('\r\n').length).toBe(count + 2);
    });

    test('it keeps what was asked for in the form and in the links of the exports', async () => {
      const page = await fleet.get('/audit?type=comment&text=%22%3E%3Cscript%3E&from=2026-11-01', viewer);
      expect(page.text).toContain('<option value="comment" selected="">comment</option>');
      expect(page.text).toContain('value="&quot;&gt;&lt;script&gt;"');
      expect(page.text).toContain('href="/audit.csv?type=comment&amp;text=%22%3E%3Cscript%3E&amp;from=2026-11-01"');
    });
  });

  test.each([
    'type=everything',
    'from=yesterday',
    'from=2026-02-30',
    'server=..%2Fetc',
    `text=${'x'.repeat(201)}`,
    'before=-1',
    'before=x',
  ])('does not guess at %s', async (query) => {
    expect((await fleet.get(`/audit?${query}`, viewer)).status).toBe(400);
  });

  test.each(['/audit', '/audit.jsonl', '/audit.csv', '/audit/proof'])(
    '%s is refused to somebody who sees some servers only',
    async (path) => {
      await fleet.approve('wiki', [LOOKUP]);
      const page = await fleet.get(path, await fleet.signIn({ role: 'admin', servers: ['payments-*'] }));
      expect(page.status).toBe(403);
      expect(page.headers['content-type']).toBe('text/html; charset=UTF-8');
      expect(page.text).not.toContain('wiki');
    },
  );
});

describe('exports', () => {
  test('are files to save, never pages to show', async () => {
    for (const [path, name] of [
      ['/audit.jsonl', 'sealwatch-audit.jsonl'],
      ['/audit.csv', 'sealwatch-audit.csv'],
      ['/audit/proof', 'sealwatch-audit-proof.jsonl'],
    ] as const) {
      const { headers } = await fleet.get(path, viewer);
      expect(headers['content-disposition']).toBe(`attachment; filename="${name}"`);
      expect(headers['content-type']).not.toContain('html');
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  test('have every entry, also where they take several reads', async () => {
    const tools = Array.from({ length: 2_500 }, (_, index) => ({ ...LOOKUP, name: `tool_${index}` }));
    await fleet.approve('wiki', tools);
    const lines = (await fleet.get('/audit.jsonl', viewer)).text.trimEnd().split('\n');
    const indexes = lines.map((line) => (JSON.parse(line) as { index: number }).index);
    expect(indexes).toEqual(Array.from({ length: 2_506 }, (_, index) => 2_505 - index));
  });

  test('give the text of a person as it is in JSON, and with a formula taken apart in CSV', async () => {
    await fleet.declare('wiki', [LOOKUP]);
    const { store, clock } = fleet.deps;
    const at = clock.now().toISOString();
    await store.recordRefusal({
      request: undefined,
      code: 'APPROVAL_REFUSED',
      actor: '=HYPERLINK("http://evil","x")',
      at,
    });
    const json = (await fleet.get('/audit.jsonl?type=approval-refused', viewer)).text;
    expect(JSON.parse(json)).toMatchObject({ actor: '=HYPERLINK("http://evil","x")', type: 'approval-refused' });
    const csv = (await fleet.get('/audit.csv?type=approval-refused', viewer)).text;
    expect(csv.split('\r\n')[0]).toBe('index,at,type,actor,what,details');
    expect(csv).toContain(`,"'=HYPERLINK(""http://evil"",""x"")",`);
  });
});
