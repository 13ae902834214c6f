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
import { bestByBand, chooseThresholds, isFound, withOneThreshold } from './thresholds.mjs';
import { honestRows, trainingSet } from './training-set.mjs';

/** Any number will do; the same one gives the same model. */
const SEED = 20261123;

/** Share of honest definitions of servers and packages left out that may be taken for attacks; rules add theirs. */
const FALSE_ALARMS = 0.003;

const FOLDS = 3;

/** So many times some families are left out, until each was. */
const FAMILY_FOLDS = 8;

const HELP = `Usage: npm run train -- --corpus DIR [--check]

Trains the learned model on a folder of labelled definitions (test/eval/README.md) and writes data/learned-model.json and
data/learned-model.md. --check trains on part of it again and again, prints what is found in the part left out, and writes nothing.
Takes about ten minutes.`;

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

const honestBest = Array.from({ length: FOLDS }, (_, fold) => bestOfHonest(fold)).flat();
const names = [...new Set(attacks.map(({ family }) => family))].sort();
const left = Array.from({ length: FAMILY_FOLDS }, (_, fold) =>
  bestOfFamilies(names.filter((_name, place) => place % FAMILY_FOLDS === fold)),
)
  .flat()
  .sort((a, b) => (a.family < b.family ? -1 : 1));
const thresholds = chooseThresholds(
  honestBest,
  left.filter(({ family }) => family !== 'generated').flatMap((one) => one.attacks),
  honestBest.length * FALSE_ALARMS,
);
const families = left.map((one) => ({
  family: one.family,
  size: one.attacks.length,
  found: one.attacks.filter((best) => isFound(best, thresholds)).length,
  honest: one.honest.length,
  alarms: one.honest.filter((best) => isFound(best, thresholds)).length,
}));
for (const { family, size, found, honest: twins, alarms } of families)
  console.log(
    `${family.padEnd(22)} left out: ${found} of ${size} found, ${alarms} of ${twins} honest ones taken for attacks`,
  );
const alarms = honestBest.filter((best) => isFound(best, thresholds)).length;
console.log(
  `thresholds ${thresholds.map((one) => one.toFixed(2)).join(', ')}: ${alarms} of ${honestBest.length} honest`,
);

if (values.check !== true) {
  const model = withOneThreshold(
    train({ attacks, honest: honestRows(honest) }, { count }),
    thresholds,
    pack.signals.length,
  );
  const text = `${JSON.stringify(serialize(model))}\n`;
  const root = join(import.meta.dirname, '..', '..');
  writeFileSync(join(root, 'data', 'learned-model.json'), text);
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(
    join(root, 'data', 'learned-model.md'),
    modelCard({ attacks, honest, families, thresholds, digest, seed: SEED }),
  );
  console.log(`wrote data/learned-model.json (${(text.length / 1024).toFixed(0)} KB) and data/learned-model.md`);
}

/** What honest definitions of packages and servers left out score, by band. */
function bestOfHonest(fold) {
  const isLeftOut = ({ fold: one, kind }) => one % FOLDS === fold && kind !== 'documentation';
  const model = train({ attacks, honest: honestRows(honest.filter((one) => !isLeftOut(one))) }, { count });
  return honest.filter((one) => isLeftOut(one) && one.kind !== 'own').map((one) => best(model, one));
}

/** What families score that the model was not trained on; what their authors wrote that is honest is left out as well. */
function bestOfFamilies(leftOut) {
  const isKept = ({ family }) => !leftOut.includes(family);
  const model = train({ attacks: attacks.filter(isKept), honest: honestRows(honest.filter(isKept)) }, { count });
  const bestOf = (units, name) => units.filter(({ family }) => family === name).map((one) => best(model, one));
  return leftOut.map((family) => ({ family, attacks: bestOf(attacks, family), honest: bestOf(honest, family) }));
}

function best(model, unit) {
  return bestByBand(unit, ({ features }) => score(model, features));
}

/** Weights as whole numbers from -127 to 127, times a scale: 8 bits say enough. */
function serialize({ weights, bias }) {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = largest / 127;
  return {
    version: '1',
    signals: pack.signals.map(({ id }) => id),
    threshold: Number(thresholds[0].toFixed(3)),
    bias: Number(bias.toFixed(6)),
    scale: Number(scale.toPrecision(9)),
    weights: Buffer.from(Int8Array.from(weights, (weight) => Math.round(weight / scale)).buffer).toString('base64'),
  };
}
