import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type Fleet, startFleet, VIEWER } from './start-fleet.js';
import { LOOKUP, POISONED, REWORDED } from './start-site.js';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let fleet: Fleet;

beforeEach(async () => {
  const options = { maxUncheckedMs: 400 * DAY_MS };
  fleet = await startFleet({ 'payments-api': options, wiki: options, fresh: options });
  // Noon, so that a few hours more are the same day.
  fleet.pass(DAY_MS - (fleet.deps.clock.now().getTime() % DAY_MS) + 12 * HOUR_MS);
  await fleet.approve('payments-api', [LOOKUP]);
  await fleet.approve('wiki', [LOOKUP]);
  fleet.pass(2 * DAY_MS);
  await fleet.declare('wiki', [REWORDED]);
  await fleet.declare('payments-api', [POISONED]);
  fleet.pass(HOUR_MS);
  await fleet.fail('wiki', 'wiki: no answer in 30000 ms');
});

afterEach(() => fleet.close());

async function overview(query = '', servers: readonly string[] = ['*']): Promise<string> {
  return (await fleet.get(`/overview${query}`, await fleet.signIn({ role: 'viewer', servers }))).text;
}

/** The heads and numbers of the rows below a heading. */
function rows(page: string, id: string): readonly string[] {
  const section = page.slice(page.indexOf(`<h2 id="${id}"`)).split('</section>')[0]!;
  const cells = [...section.matchAll(/<th scope="row">(.*?)<\/th><td>(\d+)<\/td>/g)];
  return cells.map(([, head, count]) => `${head!.replace(/<[^>]+>/g, '')}: ${count}`);
}

describe('the page for the wall', () => {
  test('counts servers by state', async () => {
    expect(rows(await overview(), 'states')).toEqual(['could not check: 1', 'on hold: 1', 'never checked: 1']);
  });

  test('counts what waits by class of change and by finding, the worst first', async () => {
    const page = await overview();
    expect(rows(page, 'classes')).toEqual(['instruction: 1', 'wording: 1']);
    expect(rows(page, 'rules')).toEqual([
      'impersonated-speaker high: 2',
      'hide-from-user high: 1',
      'sensitive-file high: 1',
      'same-rare-tool-name medium: 2',
    ]);
  });

  test('draws the drift of each day, and tells it in words and as a table', async () => {
    const page = await overview();
    expect(page).toContain('4 requests in 30 days, at most 2 in a day.');
    const [, today] = /<summary>The numbers as a table<\/summary>.*?<tbody>(.*?)<\/tbody>/.exec(page)!;
    const counts = [...today!.matchAll(/<td>(\d+)<\/td>/g)].map(([, count]) => Number(count));
    // Critical, high, low, info: today, then the first day.
    expect(counts).toEqual([1, 0, 1, 0, 0, 2, 0, 0]);
    const chart = /<svg class="chart"[^>]*aria-labelledby="drift"[^>]*>(.*?)<\/svg>/.exec(page)!;
    // Two stacked halves on the last of thirty days, one whole column two days before.
    expect([...chart[1]!.matchAll(/<rect [^>]*>/g)].map(([rect]) => rect)).toEqual([
      '<rect class="bar-high" x="271" y="0" width="8" height="100">',
      '<rect class="bar-critical" x="291" y="50" width="8" height="50">',
      '<rect class="bar-low" x="291" y="0" width="8" height="50">',
    ]);
  });

  test('says how long approvals took', async () => {
    fleet.pass(2 * DAY_MS + 2 * HOUR_MS);
    await fleet.approve('payments-api', [POISONED]);
    const page = await overview();
    expect(page).toMatch(/3 approved requests.*median <strong>less than a second<\/strong>/);
    expect(page).toContain('nine of ten within <strong>2 days 3 hours</strong>');
    const [, ticks] = /<table class="ticks">.*?<tbody><tr>(.*?)<\/tr>/.exec(page)!;
    expect([...ticks!.matchAll(/<td>(\d+)<\/td>/g)].map(([, count]) => Number(count))).toEqual([2, 0, 0, 0, 1, 0, 0]);
  });

  test('leads to what should be done', async () => {
    const page = await overview();
    expect(page).toContain('<a href="/"><strong>2</strong> requests wait</a>');
    expect(page).toContain('<a href="/servers?state=unchecked"><strong>1</strong> server could not be checked</a>');
    expect(page).toContain('<a href="/deliveries"><strong>0</strong> alerts given up</a>');
  });

  test('of somebody who sees some servers counts those only, and tells nothing of the alerts', async () => {
    const page = await overview('', ['payments-*']);
    expect(rows(page, 'states')).toEqual(['on hold: 1']);
    expect(rows(page, 'classes')).toEqual(['instruction: 1']);
    expect(page).toContain('2 requests in 30 days, at most 1 in a day.');
    expect(page).not.toMatch(/wiki|\/deliveries|wording/);
  });

  test('of somebody who sees no server is empty, and draws all the same', async () => {
    const page = await overview('', ['nothing-*']);
    expect(page).toContain('There is no server.');
    expect(page).toContain('No request was opened in 30 days.');
    expect(page).toContain('No request of the last 30 days was approved.');
    expect(page).not.toContain('NaN');
  });

  test('has no style and no script of its own: the policy would refuse them', async () => {
    expect(await overview()).not.toMatch(/ style=|<script|<style/);
  });

  test.each([
    ['', undefined],
    ['?refresh=60', '60'],
    ['?refresh=1', '10'],
    ['?refresh=99999', '86400'],
    ['?refresh=x', undefined],
    ['?refresh=5;url=https://evil.example', undefined],
  ])('asked with %j loads itself anew after %s seconds', async (query, seconds) => {
    const { headers } = await fleet.get(`/overview${query}`, await fleet.signIn(VIEWER));
    expect(headers['refresh']).toBe(seconds);
  });
});
