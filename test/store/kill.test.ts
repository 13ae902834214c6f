import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from 'vitest';

/** Built JavaScript over dist, like the soak script that does 500 rounds. */
const SOAK = pathToFileURL(join(import.meta.dirname, '..', 'soak', 'kill.mjs')).href;

interface Soak {
  readonly run: (options: { readonly rounds: number }) => Promise<{ readonly kills: number; readonly settled: number }>;
}

test('a process that is killed in the middle of recording leaves a whole store and an unmoved baseline, 25 times', async () => {
  const { run } = (await import(SOAK)) as Soak;
  const { kills, settled } = await run({ rounds: 25 });
  expect(kills).toBe(25);
  expect(settled).toBeGreaterThanOrEqual(25);
});
