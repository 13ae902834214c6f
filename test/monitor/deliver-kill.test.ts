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

test('a process that is killed between recording and sending loses no alert and approves nothing, 8 times', async () => {
  const { run } = (await import(SOAK)) as Soak;
  const { kills, alerts, late } = await run({ rounds: 8 });
  expect(kills).toBe(8);
  expect(alerts).toBeGreaterThanOrEqual(6);
  // So many were left for the next process that the kills came in between.
  expect(late).toBeGreaterThanOrEqual(2);
}, 180_000);
