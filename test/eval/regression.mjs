// Logistic regression on sparse binary features, and the choice of the passage that makes a text an attack (multiple-instance learning).

/** Returns a generator of numbers in [0, 1) that depends on the seed alone (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Returns weights and bias. `attacks` are bags `{ passages, weight }` of which at least one passage is an attack;
 * `honest` are passages `{ features, weight }`.
 */
export function train({ attacks, honest }, { count, seed, rounds = 6, epochs = 12, rate = 0.15, decay = 2e-5 }) {
  let chosen = attacks.map(({ passages }) => argmax(passages, ({ signals }) => signals));
  let model;
  for (let round = 0; round < rounds; round += 1) {
    const rows = [
      ...attacks.map(({ weight }, index) => ({ features: chosen[index].features, label: 1, weight })),
      ...honest.map(({ features, weight }) => ({ features, label: 0, weight })),
    ];
    model = fit(rows, { count, seed: seed + round, epochs, rate, decay });
    chosen = attacks.map(({ passages }) => argmax(passages, ({ features }) => score(model, features)));
  }
  return model;
}

export function score({ weights, bias }, features) {
  let sum = bias;
  for (const feature of features) sum += weights[feature];
  return sum;
}

function fit(rows, { count, seed, epochs, rate, decay }) {
  const weights = new Float64Array(count);
  const squares = new Float64Array(count).fill(1);
  const random = randomFrom(seed);
  const order = rows.map((_, index) => index);
  let bias = -3;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const index of order) {
      const { features, label, weight } = rows[index];
      let sum = bias;
      for (const feature of features) sum += weights[feature];
      const error = (1 / (1 + Math.exp(-sum)) - label) * weight;
      if (Math.abs(error) < 1e-4) continue;
      bias -= 0.02 * error;
      for (const feature of features) {
        const gradient = error + decay * weights[feature] * rows.length * 0.01;
        squares[feature] += gradient * gradient;
        weights[feature] -= (rate * gradient) / Math.sqrt(squares[feature]);
      }
    }
  }
  return { weights, bias };
}

function shuffle(list, random) {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other], list[index]];
  }
}

function argmax(list, valueOf) {
  return list.reduce((a, b) => (valueOf(b) > valueOf(a) ? b : a));
}
