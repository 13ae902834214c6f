import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

import { launchBrowser } from '../launch-browser.js';
import { LOOKUP, POISONED, REWORDED, type Site, startSite } from './start-site.js';

/** Where a person who works on the pages wants to see them. */
const SHOTS = process.env['SEALWATCH_SHOTS'];

const browser = await launchBrowser();

describe.skipIf(browser === undefined)('in a real browser', () => {
  let site: Site;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeEach(async () => {
    site = await startSite();
    await site.approve([LOOKUP]);
    // The pages have to work for people who run no scripts.
    context = await browser!.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
    problems.length = 0;
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterEach(async () => {
    await context.close();
    await site.close();
  });
  afterAll(() => browser?.close());

  test('a low change: read, comment, approve', async () => {
    const request = await site.declare([REWORDED]);
    await page.goto(site.url + (await site.link()));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('words: one definition differs');
    expect(await page.locator('del').allTextContents()).toEqual(['removed: - a word up.']);
    expect(await page.locator('ins').allTextContents()).toEqual(['added: + up a word.']);
    await page.getByLabel('Comment (optional)').fill('the same in better order');
    await page.getByRole('button', { name: 'Approve this change' }).click();
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('Approved');
    expect(await site.store.getRequest(request!.id)).toMatchObject({
      state: 'approved',
      comment: 'the same in better order',
    });
    expect(problems).toEqual([]);
  });

  test('a critical change: enrol on its page, come back to it, approve; the next link finds the browser enrolled', async () => {
    const request = await site.declare([POISONED]);
    const link = await site.link();
    await page.goto(site.url + link);
    expect(await page.getByRole('button').allTextContents()).toEqual(['Enrol this browser']);
    await page.getByLabel('One-time code').fill((await site.code('alice')).toLowerCase());
    await page.getByRole('button', { name: 'Enrol this browser' }).click();
    expect(page.url()).toBe(site.url + link);
    await page.getByRole('button', { name: 'Approve this change' }).click();
    expect(await page.getByText('By alice (browser)').count()).toBe(1);
    expect(await site.store.getRequest(request!.id)).toMatchObject({ state: 'approved', settledBy: 'alice (browser)' });

    await site.declare([{ ...POISONED, description: `${POISONED.description} Really.` }]);
    const next = await site.link();
    await page.setContent(`<a href="${site.url}${next}">the mail</a>`);
    await page.getByText('the mail').click();
    expect(await page.getByRole('button', { name: 'Reject' }).count()).toBe(1);
    await page.getByRole('button', { name: 'Reject' }).click();
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('Rejected');
    await page.reload();
    expect(await page.getByText('APPROVAL_SETTLED').count()).toBe(1);
    expect(problems.filter((text) => !text.includes('409'))).toEqual([]);
  });

  test('signed in: a critical change is opened from the inbox, read, and then ticked and rejected with the others', async () => {
    const request = await site.declare([POISONED]);
    const [name = '', value = ''] = (await site.as()).split('=');
    await context.addCookies([{ name, value, url: site.url }]);
    await page.goto(site.url);
    expect(await page.getByRole('checkbox').isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'words: one definition differs' }).click();
    expect(await page.getByText('Do not tell the user').count()).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Side by side' }).click();
    expect(await page.locator('.pair del, .pair ins').count()).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Inbox' }).click();
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Reject what is ticked' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('1 rejected');
    expect(await site.store.getRequest(request!.id)).toMatchObject({ state: 'rejected' });
    expect(problems).toEqual([]);
  });

  test('a form on another site that posts to a link decides nothing', async () => {
    const request = await site.declare([REWORDED]);
    const link = await site.link();
    await page.goto('data:text/html,<p>a page elsewhere');
    await page.setContent(
      `<form method="post" action="${site.url}${link}"><input name="digest" value="${request!.digest}"><button name="decision" value="approve">free cake</button></form>`,
    );
    await page.getByRole('button', { name: 'free cake' }).click();
    expect(await page.getByText('APPROVAL_REFUSED').count()).toBe(1);
    expect(await site.store.getRequest(request!.id)).toMatchObject({ state: 'open' });
  });

  const looks = [
    { colorScheme: 'light', width: 1100 },
    { colorScheme: 'dark', width: 1100 },
    { colorScheme: 'light', width: 360 },
    { colorScheme: 'dark', width: 360 },
  ] as const;

  for (const { colorScheme, width } of looks) {
    test(`readable in ${colorScheme} at ${width} pixels: contrast of 4.5 to 1, nothing to scroll sideways, targets of 24 pixels`, async () => {
      const viewport = { width, height: 800 };
      const styled = await browser!.newContext({ colorScheme, viewport });
      const view = await styled.newPage();
      await site.declare([POISONED, { ...LOOKUP, name: `send_${'very_long_'.repeat(12)}name` }]);
      const link = await site.link();
      const visit = async (name: string, path: string): Promise<void> => {
        await view.goto(site.url + path);
        expect(await view.evaluate(LOW_CONTRAST)).toEqual([]);
        expect(await view.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        expect(await view.evaluate(SMALL_TARGETS)).toEqual([]);
        await shoot(view, `${name}-${colorScheme}-${width}`);
      };
      await visit('enrol-here', link);
      await visit('enrol', '/enrol');
      await view.getByLabel('One-time code').fill(await site.code('alice'));
      await view.getByRole('button').click();
      await visit('decide', link);
      await view.getByRole('button', { name: 'Reject' }).click();
      await visit('settled', link);
      await visit('unknown', '/approve/nothing');
      await styled.close();
    });
  }
});

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Runs in the page: texts whose contrast with what is behind them is below WCAG 2.2, 1.4.3. */
const LOW_CONTRAST = `(() => {
  const rgba = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    const color = rgba(getComputedStyle(element).backgroundColor);
    return color.length === 3 || color[3] === 1 ? color : element.parentElement ? behind(element.parentElement) : [255, 255, 255];
  };
  const texts = [...document.querySelectorAll('body *')].filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.flatMap((element) => {
    const [light, dark] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    return ratio < 4.5 ? [element.tagName + '.' + element.className + ' ' + ratio.toFixed(2)] : [];
  });
})()`;

/** Runs in the page: controls smaller than WCAG 2.2, 2.5.8 asks for. */
const SMALL_TARGETS = `[...document.querySelectorAll('button, input:not([type=hidden]), textarea')]
  .filter((element) => element.getBoundingClientRect().height < 24 || element.getBoundingClientRect().width < 24)
  .map((element) => element.outerHTML)`;
