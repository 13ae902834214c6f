import { parentPort, workerData } from 'node:worker_threads';

import { codeOf, messageOf } from '../errors.js';
import type { RuleSettings } from '../model/rule-settings.js';
import { checkOutput } from '../scan/check-output.js';
import { loadRules } from './load-rules.js';
import type { FromOutputWorker, ToOutputWorker } from './output-checker.js';

/** What a worker thread runs: it reads the rules, and checks one result after the other. */
async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('this file is started by output-checker.ts');
  const post = (message: FromOutputWorker): void => {
    port.postMessage(message);
  };
  try {
    const pack = await loadRules(workerData as RuleSettings);
    // What is built with the first text is not to count against the first result.
    checkOutput({ content: [{ type: 'text', text: 'A text with a few words in it.' }] }, { pack });
    port.on('message', ({ job, result }: ToOutputWorker) => {
      post({ kind: 'checked', job, checked: checkOutput(result, { pack }) });
    });
    post({ kind: 'ready' });
  } catch (error) {
    post({ kind: 'failed', code: codeOf(error), message: messageOf(error) });
  }
}

await main();
