import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from 'vitest';

/** Built JavaScript over dist, like the soak script that does 500 rounds. */
const SOAK = pathToFileURL(join(import.meta.dirname, '..', 'soak', 'deliver.mjs')).href;

interface Soak {
  readonly run: (options: {
    readonly rounds: number;
  }) => Promise<{ readonly kills: number; readonly alerts: number; readonly late: number }>;
}

test('a process that is killed between recording and sending loses no alert and approves nothing, 15 times', async () => {
  const { run } = (await import(SOAK)) as Soak;
  const { kills, alerts, late } = await run({ rounds: 15 });
  expect(kills).toBe(15);
  expect(alerts).toBeGreaterThanOrEqual(12);
  // So many were left for the next process that the kills came in between.
  expect(late).toBeGreaterThanOrEqual(6);
}, 180_000);
