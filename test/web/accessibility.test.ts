import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DEFAULT_POLICY } from '../../src/model/policy.js';
import { askConsent } from '../../src/monitor/consent.js';
import { decideAs } from '../../src/monitor/decide.js';
import type { Principal } from '../../src/model/principal.js';
import { parseServerId } from '../../src/model/server-id.js';
import { launchBrowser } from '../launch-browser.js';
import { somebody } from '../monitor/principals.js';
import { LOOKUP, POISONED, REWORDED, type Site, startSite } from './start-site.js';

/** Where a person who works on the pages wants to see them. */
const SHOTS = process.env['SEALWATCH_SHOTS'];

const browser = await launchBrowser();
const ALICE = somebody('alice', 'admin');
const VERA = somebody('vera', 'viewer');

/** What every page is looked at with; `link` is an approval link. */
interface Stage {
  readonly site: Site;
  readonly link: string;
  /** Of a call that waits. */
  readonly consent: string;
}

interface LookedAt {
  readonly name: string;
  readonly path: (stage: Stage) => string;
  /** Absent: nobody is signed in. */
  readonly as?: Principal;
  /** What a person does there before it is looked at. */
  readonly act?: (page: Page) => Promise<void>;
}

/**
 * On the stage: request 1 approved, 2 rejected, 3 superseded by 4, which is critical, open, has one approval of two, and a comment;
 * the server could not be checked since, and an alert was given up.
 */
const PAGES: readonly LookedAt[] = [
  { name: 'inbox', path: () => '/', as: ALICE },
  { name: 'inbox of a viewer', path: () => '/', as: VERA },
  { name: 'inbox of somebody without servers', path: () => '/', as: somebody('eve', 'viewer', ['other']) },
  { name: 'request', path: () => '/requests/4', as: ALICE },
  { name: 'request side by side', path: () => '/requests/4?view=split', as: ALICE },
  {
    name: 'request with a waiver to fill in',
    path: () => '/requests/4',
    as: ALICE,
    act: (page) => page.locator('summary').first().click(),
  },
  { name: 'request for a viewer', path: () => '/requests/4', as: VERA },
  { name: 'request that was approved', path: () => '/requests/1', as: ALICE },
  { name: 'request that was rejected', path: () => '/requests/2', as: ALICE },
  { name: 'request that was superseded', path: () => '/requests/3', as: ALICE },
  { name: 'request that never was', path: () => '/requests/99', as: ALICE },
  { name: 'requests', path: () => '/requests', as: ALICE },
  { name: 'requests that are none', path: () => '/requests?state=withdrawn', as: ALICE },
  {
    name: 'result of deciding several',
    path: () => '/',
    as: somebody('carol'),
    act: async (page) => {
      // This person never opened it, so nothing is decided and the stage stays as it is.
      await page.evaluate(`document.querySelector('input[type=checkbox]').disabled = false`);
      await page.locator('input[type=checkbox]').check();
      await page.getByRole('button', { name: 'Approve what is ticked' }).click();
      await page.getByText('not decided').first().waitFor();
    },
  },
  { name: 'servers', path: () => '/servers', as: ALICE },
  { name: 'servers that are none', path: () => '/servers?state=new', as: ALICE },
  { name: 'servers asked for wrongly', path: () => '/servers?state=fine', as: ALICE },
  { name: 'server', path: () => '/servers/words', as: ALICE },
  { name: 'server that never was', path: () => '/servers/nowhere', as: ALICE },
  {
    name: 'versions of a definition',
    path: () => '/servers/words/compare?ref=words%2Ftool%2Flookup',
    as: ALICE,
  },
  {
    name: 'two versions compared',
    path: () => '/servers/words/compare?ref=words%2Ftool%2Flookup',
    as: ALICE,
    act: (page) => page.getByRole('button', { name: 'Compare the chosen two' }).first().click(),
  },
  { name: 'overview', path: () => '/overview', as: ALICE, act: (page) => page.locator('summary').click() },
  { name: 'overview of somebody without servers', path: () => '/overview', as: somebody('eve', 'viewer', ['other']) },
  { name: 'audit', path: () => '/audit', as: ALICE },
  { name: 'audit that finds nothing', path: () => '/audit?text=never+written', as: ALICE },
  { name: 'audit for somebody who may not see it', path: () => '/audit', as: somebody('eve', 'admin', ['other']) },
  {
    name: 'calls',
    path: () => '/calls',
    as: ALICE,
    act: (page) => page.locator('summary').first().click(),
  },
  { name: 'calls that nobody made', path: () => '/calls?text=never+called', as: ALICE },
  { name: 'calls for somebody who may not see them', path: () => '/calls', as: VERA },
  { name: 'alerts', path: () => '/deliveries', as: ALICE },
  { name: 'call that waits', path: ({ consent }) => consent, as: ALICE },
  { name: 'call that is for others to decide', path: ({ consent }) => consent, as: VERA },
  { name: 'link', path: ({ link }) => link },
  { name: 'link for somebody who is known', path: ({ link }) => link, as: ALICE },
  { name: 'link that leads nowhere', path: () => '/approve/nothing' },
  { name: 'enrolment', path: () => '/enrol' },
  { name: 'sign-in', path: () => '/sign-in' },
  { name: 'sign-in of somebody who is', path: () => '/sign-in', as: ALICE },
];

describe.skipIf(browser === undefined)('every page, in both themes, on a desk and on a phone', () => {
  let stage: Stage;

  beforeAll(async () => {
    const site = await startSite({ policy: { ...DEFAULT_POLICY, twoPersons: ['critical'] } });
    await site.approve([LOOKUP]);
    const rejected = (await site.declare([{ ...LOOKUP, inputSchema: { type: 'object', properties: { term: {} } } }]))!;
    await settle(site, rejected.id, 'reject');
    await site.declare([REWORDED]);
    const long = { ...LOOKUP, name: `send_${'very_long_'.repeat(12)}name` };
    const open = (await site.declare([{ ...POISONED, description: `${POISONED.description} \u202e\u200b` }, long]))!;
    await settle(site, open.id, 'approve', somebody('bob'));
    const at = site.deps.clock.now().toISOString();
    await site.store.addComment({
      request: open.id,
      actor: { kind: 'person', name: 'bob', how: 'oidc' },
      at,
      text: 'Asked the vendor.\nNo answer so far.',
    });
    await makeCalls(site);
    const link = await site.link();
    await failCheckAndAlert(site, open.server);
    stage = { site, link, consent: await askAboutCall(site) };
  });
  afterAll(async () => {
    await stage.site.close();
    await browser?.close();
  });

  const looks = [
    { colorScheme: 'light', width: 1100 },
    { colorScheme: 'dark', width: 1100 },
    { colorScheme: 'light', width: 360 },
  ] as const;

  test.each(PAGES)(
    '$name: no violation of WCAG 2.2 AA, nothing to scroll sideways',
    async ({ name, path, as, act }) => {
      const page = await openPage(browser!, looks[0]);
      if (as !== undefined) await signIn(page, as, stage.site);
      await page.goto(stage.site.url + path(stage));
      await act?.(page);
      for (const { colorScheme, width } of looks) {
        const look = `${colorScheme}-${width}`;
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await shoot(page, `${name.replaceAll(' ', '-')}-${look}`);
        expect([look, await violations(page)]).toEqual([look, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      }
      await page.context().close();
    },
  );

  test('the checker sees a violation where there is one', async () => {
    const page = await openPage(browser!, { colorScheme: 'light', width: 1100 });
    await page.goto(`${stage.site.url}/enrol`);
    await page.evaluate(
      `document.querySelector('label').remove(); document.querySelector('#code').removeAttribute('aria-describedby'); document.querySelector('h1').style.color = '#ddd'`,
    );
    expect((await violations(page)).map((text) => text.split(':')[0]).toSorted()).toEqual(['color-contrast', 'label']);
    await page.context().close();
  });

  test('with the keyboard alone: skip the bar, tick, and see where the focus is', async () => {
    const page = await openPage(browser!, { colorScheme: 'light', width: 1100 });
    await signIn(page, ALICE, stage.site);
    await page.goto(stage.site.url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().left')).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`document.activeElement.closest('main') !== null`)).toBe(true);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.context().close();
  });
});

async function settle(site: Site, id: number, decision: 'approve' | 'reject', who = ALICE): Promise<void> {
  const request = (await site.store.getRequest(id))!;
  await decideAs(who, { request: id, digest: request.digest, decision, comment: 'seen' }, site.servers, site.deps);
}

async function failCheckAndAlert(site: Site, server: Parameters<Site['store']['loadNeighbours']>[0]): Promise<void> {
  const at = site.deps.clock.now().toISOString();
  const failure = { code: 'OBSERVE_TIMEOUT', message: 'no tools/list answer in 30000 ms' } as const;
  await site.store.recordFailure({ kind: 'unchecked', server, vantage: 'default', at, durationMs: 3, ...failure }, []);
  const subject = { kind: 'unchecked-too-long', server, since: at } as const;
  const to = [{ channel: 'ops', recipient: 'ops@example.com' }];
  await site.store.raise([{ subject, urgency: 'high', dedupKey: 'one', to }], at);
  const later = new Date(site.deps.clock.now().getTime() + 60_000).toISOString();
  for (const { id } of await site.store.claimDeliveries(later, later, 10)) {
    await site.store.markFailed(id, { message: 'the mailbox is full', nextAttemptAt: undefined }, []);
  }
}

async function openPage(
  from: Browser,
  { colorScheme, width }: { readonly colorScheme: 'light' | 'dark'; readonly width: number },
): Promise<Page> {
  // Past the policy of the pages, which lets no script in: the checker is one.
  const context = await from.newContext({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
  return context.newPage();
}

async function signIn(page: Page, principal: Principal, site: Site): Promise<void> {
  const [name = '', value = ''] = (await site.as(principal)).split('=');
  await page.context().addCookies([{ name, value, url: site.url }]);
}

async function violations(page: Page): Promise<readonly string[]> {
  if (await page.evaluate('window.axe === undefined')) await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(`axe.run({ runOnly: ${JSON.stringify(TAGS)} }).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')))`);
  return found as readonly string[];
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** A call that was answered, and one that was refused, of a name that is long. */
async function makeCalls({ deps: { callLog, clock } }: Site): Promise<void> {
  const at = clock.now().toISOString();
  const call = await callLog!.asked({
    at,
    server: parseServerId('words'),
    subject: 'local',
    client: '"editor 1.2"',
    kind: 'tool',
    name: 'lookup',
    version: `v1:sha256:${'a'.repeat(64)}`,
    decision: 'passed',
    code: undefined,
    parameters: JSON.stringify({ name: 'lookup', arguments: { term: 'x'.repeat(300), password: '[redacted]' } }),
  });
  const answer = {
    at,
    outcome: 'result',
    code: undefined,
    durationMs: 12.5,
    bytes: 340,
    digest: 'b'.repeat(64),
  } as const;
  await callLog!.answered(call, answer);
  await callLog!.asked({
    at,
    server: parseServerId('words'),
    subject: 'https://login.example#8f14e45f-ceea-467f-a8ad-1c2f3d4e5f60',
    client: undefined,
    kind: 'tool',
    name: `send_${'very_long_'.repeat(12)}name\u202e`,
    version: undefined,
    decision: 'refused',
    code: 'NOT_APPROVED',
    parameters: '{}',
  });
}

/** Returns the path of the page of a call that waits for a person. */
async function askAboutCall(site: Site): Promise<string> {
  const question = {
    server: parseServerId('words'),
    tool: 'lookup',
    version: undefined,
    covers: 'call' as const,
    session: 's',
    subject: 'carol',
    person: undefined,
    client: '"editor 1"',
    parameters: JSON.stringify({ word: 'x'.repeat(200), more: ['a', 'b'] }),
  };
  return `/consents/${(await askConsent(question, '', site.deps))?.id ?? ''}`;
}
