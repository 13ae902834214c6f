import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.js';
import { type Smtp, startSmtp } from './notify/start-smtp.js';
import { type IdentityProviderServer, startIdentityProvider } from './start-identity-provider.js';
import { freePort, until } from './wait.js';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist', 'main.js');

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  ann: ['security'],
  bea: ['security', 'staff'],
  vera: ['staff'],
  paul: ['payments'],
  nora: [],
};

/** Where the pictures of the README are written. */
const SHOTS = process.env['SEALWATCH_SHOTS'];

const browser = await launchBrowser();

/**
 * The whole way as in a company: the built program, a real mail server, a real authorization server, real browsers without
 * scripts; two persons for what is critical.
 */
describe.skipIf(browser === undefined)('from mail to release, signed in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-sign-in-'));
  const demoState = join(folder, 'demo-server-started');
  const contexts: BrowserContext[] = [];
  let smtp: Smtp;
  let provider: IdentityProviderServer;
  let service: ChildProcess;
  let url: string;

  beforeAll(async () => {
    smtp = await startSmtp({ authOptional: true });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    provider = await startIdentityProvider({
      redirectUri: `${url}/sign-in/callback`,
      groupsOf: (login) => GROUPS[login] ?? [],
    });
    writeFileSync(
      join(folder, 'sealwatch.yaml'),
      `
servers:
  weather:
    command: node
    args: [${JSON.stringify(join(ROOT, 'data', 'demo', 'demo-server.mjs'))}]
    env: { DEMO_CHANGE_AFTER_SECONDS: "3600", DEMO_STATE_FILE: ${JSON.stringify(demoState)} }
    schedule: 1s
    firstUse: trust
policy: { twoPersons: [critical] }
notify:
  email:
    from: sealwatch@example.test
    to: [ann@example.test]
    smtp: { host: 127.0.0.1, port: ${smtp.port}, security: none }
serve: { port: ${port} }
signIn:
  issuer: ${provider.issuer}
  clientId: ${provider.clientId}
  clientSecret: "\${OIDC_SECRET}"
  roles:
    - { value: security, role: approver }
    - { value: staff, role: viewer }
    - { value: payments, role: admin, servers: [payments-*] }
`,
    );
    expect(sealwatch(['init']).status).toBe(0);
    expect(sealwatch(['scan']).status).toBe(0);
    const env = { ...process.env, OIDC_SECRET: provider.clientSecret };
    service = spawn(process.execPath, [MAIN, 'serve'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  });

  afterAll(async () => {
    service.kill('SIGTERM');
    await new Promise((resolve) => service.once('exit', resolve));
    for (const context of contexts) await context.close();
    await provider.close();
    await smtp.close();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('two persons sign in, read and approve; nobody else can', { timeout: 120_000 }, async () => {
    writeFileSync(demoState, String(Date.now() - 3_660_000));
    await until(() => mails().length > 0);
    const link = /http:\/\/127\.0\.0\.1:\d+\/approve\/[\w-]+/.exec(mails()[0]?.text ?? '')![0];

    if (SHOTS !== undefined) {
      const mail = await open('about:blank');
      await mail.setContent(String(mails()[0]?.html));
      await shoot(mail, 'mail');
    }

    // Who is in no group is told so, and gets no session.
    const nora = await signIn('nora', `${url}/`);
    expect(await nora.textContent('body')).toMatch(/groups/);
    expect((await nora.context().cookies(url)).filter(({ name }) => name === 'sealwatch')).toEqual([]);

    // A role on other servers shows nothing of this one, not even that it is there.
    const paul = await signIn('paul', `${url}/`);
    expect(await paul.textContent('body')).not.toContain('weather');
    expect((await paul.goto(`${url}/requests/1`))?.status()).toBe(404);

    // A viewer reads, and finds no button.
    const vera = await signIn('vera', `${url}/`);
    await vera
      .getByRole('link', { name: /weather/ })
      .first()
      .click();
    expect(await vera.textContent('main')).toContain('read ~/.ssh/id_rsa');
    expect(
      await vera
        .locator('main')
        .getByRole('button', { name: /approve/i })
        .count(),
    ).toBe(0);

    // The first person comes by the mail's link, and the change stays on hold.
    const ann = await open(link);
    expect(await ann.textContent('main')).toContain('read ~/.ssh/id_rsa');
    await pressSignIn(ann); // on the page of the link
    await pressSignIn(ann); // on the page that names the provider
    await logIn(ann, 'ann');
    expect(ann.url()).toBe(link);
    await ann.getByRole('button', { name: /approve/i }).click();
    expect(await ann.textContent('main')).toMatch(/another one does/);
    expect(sealwatch(['scan']).status).toBe(1);

    // The second one finds it in the inbox.
    const bea = await signIn('bea', `${url}/`);
    await shoot(bea, 'inbox');
    await bea
      .getByRole('link', { name: /weather/ })
      .first()
      .click();
    expect(await bea.textContent('main')).toContain('ann@example.test');
    await shoot(bea, 'change-page');
    await bea.getByRole('button', { name: /approve/i }).click();
    expect(await bea.textContent('main')).toMatch(/approved/i);
    expect(sealwatch(['scan']).status).toBe(0);

    const history = sealwatch(['history', 'weather/get_weather']).stdout;
    expect(history).toContain('bea@example.test (oidc)');
    expect(sealwatch(['audit', 'verify']).status).toBe(0);

    // Signed out, the same browser is a stranger's.
    await bea.getByRole('button', { name: /sign out/i }).click();
    await bea.goto(`${url}/servers`);
    expect(bea.url()).toContain('/sign-in');
  });

  const mails = () => smtp.received.map(({ mail }) => mail).filter(({ text }) => text?.includes('get_weather'));

  async function shoot(page: Page, name: string): Promise<void> {
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }

  async function open(address: string): Promise<Page> {
    const context = await browser!.newContext({ javaScriptEnabled: false, viewport: { width: 1100, height: 800 } });
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  async function signIn(login: string, address: string): Promise<Page> {
    const page = await open(address);
    await pressSignIn(page);
    await logIn(page, login);
    return page;
  }

  async function pressSignIn(page: Page): Promise<void> {
    await page
      .getByRole('link', { name: /sign in/i })
      .first()
      .click();
  }

  /** The forms of the provider: name and password, then consent. */
  async function logIn(page: Page, login: string): Promise<void> {
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', 'anything');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]');
  }

  function sealwatch(args: readonly string[]) {
    const env = { ...process.env, OIDC_SECRET: 'not needed here' };
    return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, env, encoding: 'utf8' });
  }
});
