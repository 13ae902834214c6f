import type { BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

import { launchBrowser } from '../launch-browser.js';
import { LOOKUP, POISONED, type Site, startSite } from './start-site.js';

/** A scanner has no patience either. */
const MAX_STEPS = 150;

const browser = await launchBrowser();

/**
 * The attack that turns approval links into approvals: a mail gateway that opens every link of a mail in a real browser, with its
 * scripts running, follows what it finds, and presses every button.
 */
describe.skipIf(browser === undefined)('a mail scanner that opens, follows and submits everything', () => {
  let site: Site;
  let context: BrowserContext;

  beforeEach(async () => {
    site = await startSite();
    await site.approve([LOOKUP]);
    context = await browser!.newContext({ javaScriptEnabled: true });
  });
  afterEach(async () => {
    await context.close();
    await site.close();
  });
  afterAll(() => browser?.close());

  test('decides nothing critical', { timeout: 120_000 }, async () => {
    const request = await site.declare([POISONED]);
    const before = await site.store.loadStanding(request!.server, 'default');
    const visited = await scan(context, site.url + (await site.link()));

    expect(visited.pages).toBeGreaterThanOrEqual(1);
    expect(visited.submitted).toBeGreaterThanOrEqual(1);
    expect(await site.store.getRequest(request!.id)).toMatchObject({ state: 'open', digest: request!.digest });
    const { baseline, waivers } = await site.store.loadStanding(request!.server, 'default');
    expect([...baseline.approved.keys()]).toEqual([...before.baseline.approved.keys()]);
    expect(waivers).toEqual([]);
    expect((await context.cookies()).filter(({ name }) => name.includes('sealwatch'))).toEqual([]);
  });

  test('is seen to fail as it should: the same scanner in an enrolled browser would decide', async () => {
    const request = await site.declare([POISONED]);
    const cookie = await site.enrol('alice');
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url: site.url }]);
    await scan(context, site.url + (await site.link()));
    expect((await site.store.getRequest(request!.id))?.state).not.toBe('open');
  });
});

/** Not in the bar: its only button signs out, which would end the attack at its first step. */
const BUTTONS = 'main button, main input[type=submit]';

interface Scanned {
  readonly pages: number;
  readonly submitted: number;
}

async function scan(context: BrowserContext, start: string): Promise<Scanned> {
  const { origin } = new URL(start);
  const queue = [start];
  const seen = new Set<string>();
  let submitted = 0;
  const page = await context.newPage();
  for (let url = queue.shift(); url !== undefined && seen.size < MAX_STEPS; url = queue.shift()) {
    if (seen.has(url)) continue;
    seen.add(url);
    await context.request.head(url);
    await context.request.get(url);
    await page.goto(url, { waitUntil: 'load' }).catch(() => undefined); // a download is no page
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((one) => (one as unknown as { readonly href: string }).href));
    queue.push(...links.map((link) => link.split('#')[0]!).filter((link) => link.startsWith(origin)));
    const buttons = await page.locator(BUTTONS).count();
    for (let index = 0; index < buttons; index++) {
      await page.goto(url, { waitUntil: 'load' }).catch(() => undefined); // as above
      const button = page.locator(BUTTONS).nth(index);
      if (!(await button.isEnabled({ timeout: 1_000 }).catch(() => false))) continue; // pressed away by an earlier one
      await fillAll(page);
      await button.click({ timeout: 5_000 });
      await page.waitForLoadState('load');
      submitted++;
      if (page.url().startsWith(origin)) queue.push(page.url().split('#')[0]!);
    }
  }
  await page.close();
  return { pages: seen.size, submitted };
}

async function fillAll(page: Awaited<ReturnType<BrowserContext['newPage']>>): Promise<void> {
  for (const field of await page.locator('input[type=text], textarea').all()) await field.fill('AAAA-AAAA-AAAA-AAAA');
  for (const box of await page.locator('input[type=checkbox]:enabled').all()) await box.check();
}
