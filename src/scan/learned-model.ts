import { z } from 'zod';

import { SealwatchError } from '../errors.js';
import { featureCount, type Scorer } from './text-features.js';

/** A linear model of what the passages of attacks look like; see `data/learned-model.md`. */
export interface LearnedModel {
  /** Ids of the signals that it counts, in its order. */
  readonly signals: readonly string[];
  readonly scorer: Scorer;
}

const MODEL = z.strictObject({
  version: z.string(),
  signals: z.array(z.string()),
  threshold: z.number(),
  bias: z.number(),
  scale: z.number().positive(),
  weights: z.base64(),
});

/**
 * Returns the model that a JSON text holds; `signals` are the ids of those that there are.
 *
 * @throws {SealwatchError} `RULE_INVALID` also where it was trained with other signals: its weights would say something else.
 */
export function parseModel(jsonText: string, signals: readonly string[]): LearnedModel {
  const result = MODEL.safeParse(readJson(jsonText));
  if (!result.success) throw invalid(z.prettifyError(result.error).replaceAll('\n', ' '));
  const { threshold, bias, scale } = result.data;
  const weights = Int8Array.from(atob(result.data.weights), (byte) => byte.charCodeAt(0));
  const counted = result.data.signals;
  if (!counted.every((id) => signals.includes(id)) || weights.length !== featureCount(counted.length)) {
    throw invalid('it was trained with other signals; run npm run train');
  }
  const lastSeen = new Uint32Array(weights.length);
  let turn = 0;
  const weigh = (features: readonly number[]): number =>
    features.reduce((sum, feature) => sum + (weights[feature] ?? 0), 0);
  return {
    signals: counted,
    scorer: {
      // Scores are sums of whole numbers; the scale and the bias are in what they are compared with.
      least: Math.ceil((threshold - bias) / scale),
      begin: () => {
        turn = turn === 0xffff_ffff ? restart(lastSeen) : turn + 1;
      },
      add: (words, from, to) => {
        let sum = 0;
        for (let place = from; place < to; place += 1) {
          const word = words[place] ?? 0;
          if (lastSeen[word] === turn) continue;
          lastSeen[word] = turn;
          sum += weights[word] ?? 0;
        }
        return sum;
      },
      weigh,
      most: (features) => weigh(features.filter((feature) => (weights[feature] ?? 0) > 0)),
    },
  };
}

function restart(lastSeen: Uint32Array): number {
  lastSeen.fill(0);
  return 1;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SealwatchError('RULE_INVALID', 'the learned model is not JSON', { cause });
  }
}

function invalid(reason: string): SealwatchError {
  return new SealwatchError('RULE_INVALID', `the learned model: ${reason}`);
}
