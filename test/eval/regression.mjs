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

/** Weights are kept small: each costs half its square. */
const PENALTY = 1;

/** Times that the passage of each attack is chosen anew, with what was learned from those chosen before. */
const ROUNDS = 3;

/**
 * Returns weights and bias. `attacks` are bags `{ passages, weight }` of which at least one passage is an attack;
 * `honest` are passages `{ features, weight }`. Features are numbers below `count`.
 */
export function train({ attacks, honest }, { count }) {
  let chosen = attacks.map(({ passages }) => argmax(passages, ({ signals }) => signals));
  let model = { weights: new Float64Array(count), bias: -3 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = [
      ...attacks.map(({ weight }, index) => ({ features: chosen[index].features, label: 1, weight })),
      ...honest.map(({ features, weight }) => ({ features, label: 0, weight })),
    ];
    model = fit(rows, model, round === 0 ? 60 : 30);
    chosen = attacks.map(({ passages }) => argmax(passages, ({ features }) => score(model, features)));
  }
  return model;
}

export function score({ weights, bias }, features) {
  let sum = bias;
  for (const feature of features) sum += weights[feature];
  return sum;
}

/** Goes from a model to the one with the least loss, or so many steps towards it. */
function fit(rows, { weights, bias }, steps) {
  const start = Float64Array.from([...weights, bias]);
  const end = descend(lossOf(rows, weights.length), start, steps);
  return { weights: end.subarray(0, weights.length), bias: end[weights.length] };
}

/** The logistic loss and its gradient at a point; the last number of a point is the bias. */
function lossOf(rows, count) {
  return (point) => {
    const gradient = new Float64Array(count + 1);
    let loss = 0;
    for (let index = 0; index < count; index += 1) {
      loss += (PENALTY / 2) * point[index] ** 2;
      gradient[index] = PENALTY * point[index];
    }
    for (const { features, label, weight } of rows) {
      let sum = point[count];
      for (const feature of features) sum += point[feature];
      const margin = label === 1 ? -sum : sum;
      loss += weight * (margin > 30 ? margin : Math.log1p(Math.exp(margin)));
      const error = weight * (1 / (1 + Math.exp(-sum)) - label);
      gradient[count] += error;
      for (const feature of features) gradient[feature] += error;
    }
    return { loss, gradient };
  };
}

/** Steps that are remembered to guess the curvature. */
const MEMORY = 10;

/** L-BFGS with a backtracking line search (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1). */
function descend(lossAt, start, steps) {
  let point = start;
  let { loss, gradient } = lossAt(point);
  const past = [];
  for (let step = 0; step < steps; step += 1) {
    const direction = directionOf(gradient, past);
    const slope = dot(gradient, direction);
    let length = past.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    let next = along(point, direction, length);
    let there = lossAt(next);
    while (there.loss > loss + 1e-4 * length * slope && length > 1e-10) {
      length /= 2;
      next = along(point, direction, length);
      there = lossAt(next);
    }
    const moved = along(next, point, -1);
    const bent = along(there.gradient, gradient, -1);
    if (dot(moved, bent) > 1e-12) past.push({ moved, bent, rho: 1 / dot(moved, bent) });
    if (past.length > MEMORY) past.shift();
    const gained = loss - there.loss;
    point = next;
    ({ loss, gradient } = there);
    if (gained < 1e-7 * loss) break;
  }
  return point;
}

function directionOf(gradient, past) {
  const direction = gradient.map((value) => -value);
  const shares = [];
  for (const { moved, bent, rho } of past.toReversed()) {
    const share = rho * dot(moved, direction);
    shares.unshift(share);
    add(direction, bent, -share);
  }
  const last = past.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.bent, last.bent));
    for (let index = 0; index < direction.length; index += 1) direction[index] *= scale;
  }
  for (const [index, { moved, bent, rho }] of past.entries()) {
    add(direction, moved, shares[index] - rho * dot(bent, direction));
  }
  return direction;
}

function along(point, direction, length) {
  const end = point.slice();
  add(end, direction, length);
  return end;
}

function add(target, other, times) {
  for (let index = 0; index < target.length; index += 1) target[index] += times * other[index];
}

function dot(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index] * b[index];
  return sum;
}

function argmax(list, valueOf) {
  return list.reduce((a, b) => (valueOf(b) > valueOf(a) ? b : a));
}
