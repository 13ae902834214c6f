import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { launchBrowser } from './launch-browser.js';

const ROOT = join(import.meta.dirname, '..');
const browser = await launchBrowser();

/** What a newcomer meets: the first command of the README, and a browser. */
describe.skipIf(browser === undefined)('the demonstration, in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-demo-pages-'));
  let demo: ChildProcess;
  let output = '';

  beforeAll(() => {
    const env = { ...process.env, SEALWATCH_DEMO_CHANGE_AFTER: '8' };
    const args = [join(ROOT, 'dist', 'main.js'), '--state-dir', folder, 'demo'];
    demo = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [demo.stdout, demo.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  });

  afterAll(async () => {
    demo.kill('SIGTERM');
    await new Promise((resolve) => demo.once('exit', resolve));
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the printed link signs in, the inbox shows the change with its diff, and a button settles it', async () => {
    const signInUrl = await printed(/^Sign in, .*: (http:\/\/127\.0\.0\.1:\d+\/sign-in\/console\/[\w-]+)$/m);
    const page = await browser!.newPage({ javaScriptEnabled: false });
    await page.goto(signInUrl);
    await page.getByRole('button', { name: 'Sign in' }).click();

    await printed(/(all that waits)/);
    await page.reload();
    await page
      .getByRole('link', { name: /weather/ })
      .first()
      .click();
    expect(await textOf(page)).toContain('read ~/.ssh/id_rsa');
    await page.getByRole('button', { name: /^approve/i }).click();
    expect(await textOf(page)).toMatch(/Approved/);

    await page.goto(new URL('/servers/weather', signInUrl).href);
    expect(await textOf(page)).toMatch(/4 (definitions )?allowed/);
  });

  async function printed(pattern: RegExp): Promise<string> {
    const end = Date.now() + 45_000;
    while (Date.now() < end) {
      const found = pattern.exec(output)?.[1];
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error(`waited for ${String(pattern)} in:\n${output}`);
  }

  async function textOf(page: Page): Promise<string> {
    return (await page.textContent('main')) ?? '';
  }
});
