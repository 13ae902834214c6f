// The strict reader and the canonical writer against JSON.parse and the `canonicalize` package, on generated texts.
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import reference from 'canonicalize';
import { canonicalize } from '../../dist/integrity/canonicalize.js';
import { parseJson } from '../../dist/integrity/parse-json.js';
import { disagreement } from '../integrity/disagreement.mjs';
import { generateJson } from '../integrity/generate-json.mjs';

/** Inputs between two reports of progress. */
const BATCH = 100_000;

/** Compares so many inputs on all cores. Throws at the first disagreement, with its seed. */
export async function run({ inputs }) {
  const started = performance.now();
  const count = Math.max(1, Math.min(availableParallelism(), Math.ceil(inputs / BATCH)));
  const next = { seed: 0 };
  const workers = Array.from({ length: count }, () => new Worker(new URL(import.meta.url), { workerData: 'compare' }));
  const progress = { done: 0, inputs, started };
  try {
    await Promise.all(workers.map((worker) => keepBusy(worker, next, progress)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function keepBusy(worker, next, progress) {
  return new Promise((resolve, reject) => {
    const give = () => {
      const from = next.seed;
      const to = Math.min(from + BATCH, progress.inputs);
      if (from >= to) return resolve();
      next.seed = to;
      worker.postMessage({ from, to });
    };
    worker.on('error', reject);
    worker.on('message', ({ compared, failure }) => {
      if (failure !== undefined) return reject(new Error(failure));
      report(progress, compared);
      give();
    });
    give();
  });
}

function report(progress, compared) {
  const before = progress.done;
  progress.done += compared;
  const isDue =
    Math.floor(before / 1_000_000) < Math.floor(progress.done / 1_000_000) || progress.done === progress.inputs;
  if (!isDue) return;
  const perSecond = progress.done / ((performance.now() - progress.started) / 1000);
  console.log(`  ${progress.done} of ${progress.inputs} inputs agree, ${Math.round(perSecond)} a second`);
}

function compare({ from, to }) {
  for (let seed = from; seed < to; seed++) {
    const text = generateJson(seed);
    const found = disagreement(text, { parseJson, canonicalize, reference });
    if (found !== undefined) return { compared: 0, failure: `seed ${seed}, ${JSON.stringify(text)}: ${found}` };
  }
  return { compared: to - from };
}

if (!isMainThread && workerData === 'compare') {
  // A third of the inputs is refused, by each reader: the stacks of those errors would cost more than the reading.
  Error.stackTraceLimit = 0;
  parentPort.on('message', (range) => parentPort.postMessage(compare(range)));
}
