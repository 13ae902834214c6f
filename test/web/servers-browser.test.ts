import { readFileSync } from 'node:fs';

import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

import { verifyAuditExport } from '../../src/store/verify-audit-export.js';
import { launchBrowser } from '../launch-browser.js';
import { ADMIN, type Fleet, startFleet } from './start-fleet.js';
import { LOOKUP, POISONED, REWORDED } from './start-site.js';

const browser = await launchBrowser();

describe.skipIf(browser === undefined)('in a real browser without scripts, under the policy of the pages', () => {
  let fleet: Fleet;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeEach(async () => {
    fleet = await startFleet({ wiki: { labels: { team: 'docs' } }, github: {}, jira: {} });
    for (const id of ['wiki', 'github', 'jira']) await fleet.approve(id, [LOOKUP]);
    fleet.pass(60_000);
    await fleet.declare('wiki', [REWORDED]);
    fleet.pass(60_000);
    await fleet.declare('wiki', [POISONED]);
    context = await browser!.newContext({ javaScriptEnabled: false });
    const [name = '', value = ''] = (await fleet.signIn(ADMIN)).split('=');
    await context.addCookies([{ name, value, url: fleet.url }]);
    page = await context.newPage();
    problems.length = 0;
    page.on('console', (message) => problems.push(message.text()));
  });
  afterEach(async () => {
    await context.close();
    await fleet.close();
  });
  afterAll(() => browser?.close());

  test('a person finds a server by its label, its definition, and how its first version differs from its third', async () => {
    await page.goto(`${fleet.url}/servers`);
    expect(await page.locator('tbody tr').count()).toBe(3);
    await page.getByLabel('Label').fill('team=docs');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('link', { name: 'wiki' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('wiki');
    await page.getByRole('link', { name: '3 versions of tool "lookup"' }).click();
    const oldest = page.getByRole('row').last();
    await oldest.getByRole('radio').first().check();
    await page.getByRole('button', { name: 'Compare the chosen two' }).click();
    expect(await page.locator('ins').first().textContent()).toContain('+ <IMPORTANT>Before using this tool');
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(2);
    expect(problems).toEqual([]);
  });

  test('the charts are drawn: nothing in them is refused by the policy', async () => {
    await page.goto(`${fleet.url}/overview`);
    const chart = page.getByRole('img', { name: 'Drift: requests opened per day' });
    const column = await chart.locator('rect').first().boundingBox();
    expect(column!.width).toBeGreaterThan(5);
    expect(column!.height).toBeGreaterThan(20);
    const held = page.getByRole('row').filter({ hasText: 'on hold' }).locator('rect');
    expect((await held.boundingBox())!.width).toBeGreaterThan(20);
    expect(problems).toEqual([]);
  });

  test('a person saves what the log says of one server, and a proof of all of it', async () => {
    await page.goto(`${fleet.url}/audit`);
    await page.getByLabel('Server').fill('github');
    await page.getByRole('button', { name: 'Show' }).click();
    expect(await page.locator('tbody tr').count()).toBe(5);
    const csv = await save('CSV');
    expect(csv.name).toBe('sealwatch-audit.csv');
    expect(csv.text.trimEnd().split('\r\n').length).toBe(6);
    const proof = await save('proof');
    expect(proof.name).toBe('sealwatch-audit-proof.jsonl');
    expect(verifyAuditExport(proof.text).kind).toBe('intact');
  });

  async function save(link: string): Promise<{ readonly name: string; readonly text: string }> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: link, exact: true }).click(),
    ]);
    return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
  }
});
