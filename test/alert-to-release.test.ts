import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.js';
import { type Smtp, startSmtp } from './notify/start-smtp.js';
import { freePort, until } from './wait.js';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist', 'main.js');

const browser = await launchBrowser();

/**
 * The whole way, with nothing of our own replaced: the built program as its users start it, the demonstration server, a real
 * mail server, a real browser.
 */
describe.skipIf(browser === undefined)('from alert to release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-release-'));
  const demoState = join(folder, 'demo-server-started');
  let smtp: Smtp;
  let service: ChildProcess;
  let token: string;
  let code: string;
  let port: number;

  beforeAll(async () => {
    smtp = await startSmtp({ authOptional: true });
    port = await freePort();
    writeFileSync(
      join(folder, 'sealwatch.yaml'),
      `
servers:
  weather:
    command: node
    args: [${JSON.stringify(join(ROOT, 'data', 'demo', 'demo-server.mjs'))}]
    env: { DEMO_CHANGE_AFTER_SECONDS: "3600", DEMO_STATE_FILE: ${JSON.stringify(demoState)} }
    schedule: 1s
notify:
  email:
    from: sealwatch@example.test
    to: [ann@example.test]
    smtp: { host: 127.0.0.1, port: ${smtp.port}, security: none }
serve: { port: ${port} }
`,
    );
    expect(sealwatch(['init']).status).toBe(0);
    ({ token, code } = JSON.parse(sealwatch(['approver', 'add', 'ann', '--json']).stdout) as {
      token: string;
      code: string;
    });
    expect(sealwatch(['scan']).status).toBe(1);
    expect(sealwatch(['approve', '--all', '--yes']).status).toBe(0);
    expect(sealwatch(['scan']).status).toBe(0);
    service = spawn(process.execPath, [MAIN, 'serve'], { cwd: folder, stdio: 'inherit' });
  });

  afterAll(async () => {
    service.kill('SIGTERM');
    await new Promise((resolve) => service.once('exit', resolve));
    await smtp.close();
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a pulled rug is mailed, read, approved in the enrolled browser, and released', async () => {
    // The demonstration server remembers when it first started: an hour and a minute ago its time has come.
    writeFileSync(demoState, String(Date.now() - 3_660_000));
    await until(() => mails().length > 0);
    const [mail] = mails();
    expect(mail?.subject).toMatch(/critical/i);
    expect(mail?.text).toContain('read ~/.ssh/id_rsa');
    const link = /http:\/\/127\.0\.0\.1:\d+\/approve\/[\w-]+/.exec(mail?.text ?? '')![0];

    const context = await browser!.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(link);
    expect(await page.textContent('body')).toContain('read ~/.ssh/id_rsa');
    expect(sealwatch(['scan']).status).toBe(1);

    // Without the enrolled browser the page offers no approval, and a POST that is forged to look like one is refused.
    const { open } = JSON.parse(sealwatch(['pending', '--json']).stdout) as { open: { digest: string }[] };
    const forged = await context.request.post(link, {
      form: { decision: 'approve', digest: open[0]!.digest },
      headers: { origin: new URL(link).origin },
      maxRedirects: 0,
    });
    expect(forged.status()).toBe(403);
    expect(sealwatch(['scan']).status).toBe(1);

    await page.goto(new URL('/enrol', link).href);
    await page.fill('input[name=code]', code);
    await page.click('button[type=submit]');
    await page.goto(link);
    await page.getByRole('button', { name: /approve/i }).click();
    expect(await page.textContent('body')).toMatch(/approved/i);
    await context.close();

    expect(sealwatch(['scan']).status).toBe(0);
    const history = sealwatch(['history', 'weather/get_weather']).stdout;
    expect(history).toContain('ann (browser)');
    expect(history).toContain('ann (token)');
    expect(sealwatch(['audit', 'verify']).status).toBe(0);
    expect(mails()).toHaveLength(1);
  });

  const mails = () => smtp.received.map(({ mail }) => mail).filter(({ text }) => text?.includes('get_weather'));

  function sealwatch(args: readonly string[]) {
    const env = { ...process.env, SEALWATCH_APPROVER_TOKEN: token };
    return spawnSync(process.execPath, [MAIN, ...args], { cwd: folder, env, encoding: 'utf8' });
  }
});
