// From which score on a passage is of interest, by its length: short ones say little, and so seldom score as high as long ones.
import { LENGTHS, lengthFeature } from '../../dist/scan/text-features.js';

/** Where one threshold ends and the next begins, in UTF-16 code units; all of them are in LENGTHS. */
const EDGES = [80, 180, 350];

const BANDS = EDGES.length + 1;

/** Returns, for each band of lengths, the highest score of a unit's passages; -Infinity where it has none of that length. */
export function bestByBand({ passages }, scoreOf) {
  const best = new Float64Array(BANDS).fill(-Infinity);
  for (const passage of passages) {
    const band = bandOf(passage);
    best[band] = Math.max(best[band], scoreOf(passage));
  }
  return best;
}

/** Returns whether some passage reaches the threshold of its length. */
export function isFound(best, thresholds) {
  return best.some((score, band) => score >= thresholds[band]);
}

/**
 * Returns the thresholds that find the most attacks while at most `most` honest units are taken for attacks. Each band is lowered past one
 * honest unit after the other, always the one that finds most for an alarm; in each band one alarm more is counted than there was, since the
 * next unit could score as high as the last.
 */
export function chooseThresholds(honest, attacks, most) {
  const scores = Array.from({ length: BANDS }, (_, band) => honest.map((best) => best[band]).sort((a, b) => b - a));
  const passed = new Array(BANDS).fill(0);
  const thresholdsAt = (counts) => counts.map((count, band) => between(scores[band][count - 1], scores[band][count]));
  const found = (counts) => {
    const thresholds = thresholdsAt(counts);
    return attacks.filter((best) => isFound(best, thresholds)).length;
  };
  for (let now = found(passed), alarms = BANDS; alarms < most; alarms += 1) {
    const next = passed
      .map((_, band) => passed.with(band, passed[band] + 1))
      .map((counts) => ({ counts, found: found(counts) }))
      .reduce((a, b) => (b.found > a.found ? b : a));
    if (next.found <= now) break;
    now = next.found;
    passed.splice(0, BANDS, ...next.counts);
  }
  return thresholdsAt(passed);
}

/** Returns the model whose scores have one threshold, that of the shortest passages: the difference is in what a length weighs. */
export function withOneThreshold({ weights, bias }, thresholds, signals) {
  const one = weights.slice();
  for (const [band, edge] of EDGES.entries()) {
    one[lengthFeature(LENGTHS.indexOf(edge), signals)] += thresholds[band] - thresholds[band + 1];
  }
  return { weights: one, bias };
}

/** Half the way to the last one that passed; a little above the first where none did. */
function between(last, next) {
  return last === undefined ? next + 0.1 : (last + next) / 2;
}

function bandOf({ span: { start, end } }) {
  return EDGES.filter((edge) => end - start > edge).length;
}
