import { parentPort, workerData } from 'node:worker_threads';

import { codeOf, messageOf } from '../errors.js';
import type { RuleSettings } from '../model/rule-settings.js';
import { scanDefinitions } from '../scan/scan-snapshot.js';
import { loadRules } from './load-rules.js';
import type { FromWorker, ToWorker } from './scanner.js';

/** What a worker thread runs: it reads the rules, and answers one job after the other, one definition at a time. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file is started by scanner.ts');
  const post = (message: FromWorker): void => {
    port.postMessage(message);
  };
  try {
    const pack = await loadRules(workerData as RuleSettings);
    // What is built with the first text is not to count against the first definition.
    pack.matchText('A text with a few words in it, to begin with.');
    port.on('message', ({ job, snapshot, neighbours, from }: ToWorker) => {
      let index = from;
      for (const findings of scanDefinitions(snapshot, neighbours, pack, from)) {
        post({ kind: 'scanned', job, index, findings });
        index += 1;
      }
      post({ kind: 'done', job });
    });
    post({ kind: 'ready' });
  } catch (error) {
    post({ kind: 'failed', code: codeOf(error), message: messageOf(error) });
  }
}

await main();
