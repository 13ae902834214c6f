// Trains the learned model and writes data/learned-model.json and its card. Usage: npm run train -- --corpus DIR [--check]
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { loadRules } from '../../dist/cli/load-rules.js';
import { featureCount } from '../../dist/scan/text-features.js';
import { modelCard } from './model-card.mjs';
import { readCorpus } from './corpus.mjs';
import { score, train } from './regression.mjs';
import { honestRows, trainingSet } from './training-set.mjs';

/** Any number will do; the same one gives the same model. */
const SEED = 20261123;

/** Share of honest definitions of npm packages left out that may be taken for attacks; rules add theirs. */
const FALSE_ALARMS = 0.005;

const FOLDS = 3;

const HELP = `Usage: npm run train -- --corpus DIR [--check]

Trains the learned model on a folder of labelled definitions (test/eval/README.md) and writes data/learned-model.json and
data/learned-model.md. --check trains on part of it again and again, prints what is found in the part left out, and writes nothing.
Takes a few minutes.`;

const { values } = parseArgs({
  options: { corpus: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help === true || values.corpus === undefined) {
  console.log(HELP);
  process.exit(values.help === true ? 0 : 3);
}

// Without the model: it may have been trained with other signals.
const pack = await loadRules({ folders: [], off: ['learned-model'], severities: new Map() });
const count = featureCount(pack.signals.length);
const { attacks, honest } = trainingSet(readCorpus(values.corpus, 'train'), pack, SEED);
console.log(`${attacks.length} attacks, ${honest.length} honest definitions`);

const folds = Array.from({ length: FOLDS }, (_, fold) => checkHonest(fold));
const threshold = folds.reduce((sum, one) => sum + one.threshold, 0) / FOLDS;
const families = [...new Set(attacks.map(({ family }) => family))]
  .sort()
  .map((family) => checkFamily(family, threshold));
for (const { family, size, found } of families) console.log(`${family.padEnd(22)} left out: ${found} of ${size} found`);

if (values.check !== true) {
  const model = train({ attacks, honest: honestRows(honest) }, { count });
  const text = `${JSON.stringify(serialize(model))}\n`;
  const root = join(import.meta.dirname, '..', '..');
  writeFileSync(join(root, 'data', 'learned-model.json'), text);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(
    join(root, 'data', 'learned-model.md'),
    modelCard({ attacks, honest, families, folds, threshold, digest, seed: SEED }),
  );
  console.log(`wrote data/learned-model.json (${(text.length / 1024).toFixed(0)} KB) and data/learned-model.md`);
}

/** The threshold at which the share of honest definitions of packages left out is as wanted. */
function checkHonest(fold) {
  const model = train({ attacks, honest: honestRows(honest.filter((one) => one.fold % FOLDS !== fold)) }, { count });
  const left = honest.filter(({ fold: one, kind }) => one % FOLDS === fold && kind === 'real');
  const scores = left.map((one) => best(model, one));
  scores.sort((a, b) => b - a);
  return { definitions: scores.length, threshold: scores[Math.floor(scores.length * FALSE_ALARMS)] };
}

/** What is found of a family that the model was not trained on. */
function checkFamily(family, limit) {
  const model = train(
    { attacks: attacks.filter((one) => one.family !== family), honest: honestRows(honest) },
    { count },
  );
  const left = attacks.filter((one) => one.family === family);
  return { family, size: left.length, found: left.filter((one) => best(model, one) >= limit).length };
}

function best(model, { passages }) {
  return Math.max(...passages.map(({ features }) => score(model, features)));
}

/** Weights as whole numbers from -127 to 127, times a scale: 8 bits say enough. */
function serialize({ weights, bias }) {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = largest / 127;
  return {
    version: '1',
    signals: pack.signals.map(({ id }) => id),
    threshold: Number(threshold.toFixed(3)),
    bias: Number(bias.toFixed(6)),
    scale: Number(scale.toPrecision(9)),
    weights: Buffer.from(Int8Array.from(weights, (weight) => Math.round(weight / scale)).buffer).toString('base64'),
  };
}
