// Measures detection on a folder of labelled definitions, see README.md. Usage: npm run eval -- --corpus DIR
import { parseArgs } from 'node:util';

import { readCorpus } from './corpus.mjs';
import { measure } from './measure.mjs';
import { print, summarize } from './report.mjs';

const HELP = `Usage: npm run eval -- --corpus DIR [--split train|validation] [--json] [--misses] [--alarms]

Runs rules and model over the labelled definitions of a folder (test/eval/README.md) and prints what is found, what is found wrongly, what
changes are called, and the time for one tool.

  --json      one JSON document, with every miss and every alarm
  --misses    each attack that was not found
  --alarms    each finding at medium or above in something honest
  --split     a part only: what rules and model were made with, or what was held back`;

const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    split: { type: 'string', default: 'all' },
    misses: { type: 'boolean' },
    alarms: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help === true || values.corpus === undefined || !['all', 'train', 'validation'].includes(values.split)) {
  console.log(HELP);
  process.exit(values.help === true ? 0 : 3);
}
const summary = summarize(await measure(readCorpus(values.corpus, values.split)));
if (values.json === true) console.log(JSON.stringify(summary));
else print(summary, values);
