/**
 * Returns a JSON text made from a seed, the same one every time: small, and full of what readers disagree about. About two
 * of five are damaged afterwards, so that most of these are no JSON any more.
 */
export function generateJson(seed) {
  const random = randomFrom(seed);
  const text = space(random) + value(random, 0) + space(random);
  return random() < 0.4 ? damage(random, text) : text;
}

// Mulberry32: a few operations for each number, and one seed is one sequence.
function randomFrom(seed) {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function below(random, count) {
  return Math.floor(random() * count);
}

function pick(random, items) {
  return items[below(random, items.length)];
}

function value(random, depth) {
  const kind = below(random, depth > 4 ? 6 : 10);
  if (kind < 3) return string(random);
  if (kind < 5) return number(random);
  if (kind === 5) return pick(random, ['null', 'true', 'false']);
  return kind < 8 ? object(random, depth + 1) : array(random, depth + 1);
}

const NAMES = [
  'a',
  'b',
  'name',
  'type',
  '__proto__',
  'toJSON',
  'constructor',
  '',
  '0',
  '1',
  '10',
  '01',
  '-1',
  '\\u0061',
];

function object(random, depth) {
  const members = [];
  for (let left = below(random, 4); left > 0; left--) {
    const name = random() < 0.8 ? `"${pick(random, NAMES)}"` : string(random);
    members.push(`${space(random)}${name}${space(random)}:${space(random)}${value(random, depth)}${space(random)}`);
  }
  return `{${members.length === 0 ? space(random) : members.join(',')}}`;
}

function array(random, depth) {
  const items = [];
  for (let left = below(random, 4); left > 0; left--) items.push(space(random) + value(random, depth) + space(random));
  return `[${items.length === 0 ? space(random) : items.join(',')}]`;
}

const PIECES = [
  ...[
    'a',
    'Z',
    ' ',
    '/',
    "'",
    'é',
    '€',
    '😀',
    '\u2028',
    '\u007f',
    '\u0080',
    '\ufeff',
    '\uffff',
    'text',
    '<script>',
    '\u{e0041}',
  ],
  ...['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0000', '\\u001F', '\\u0022', '\\u005c', '\\u2028'],
  ...['\\ud83d\\ude00', '\\uD800', '\\udfff', '\\uDEAD', '\\udc00\\ud800', '\\uFEFF', '\\u00e9', '\\u0061'],
];

function string(random) {
  let text = '"';
  for (let left = below(random, 5); left > 0; left--) text += pick(random, PIECES);
  return `${text}"`;
}

const NUMBERS = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '1.0',
    '4.50',
    '0.1',
    '1e3',
    '1E+3',
    '1e-7',
    '0e0',
    '-0.0e-0',
    '1e21',
    '1e-6',
    '123456789012345678',
  ],
  ...[
    '9007199254740993',
    '12345678901234567890',
    '5e-324',
    '1e-400',
    '1.7976931348623157e308',
    '1e309',
    '-1e999',
    '2.5e-324',
  ],
  ...['0.30000000000000004', '333333333.33333329', '0.1000000000000000055511151231257827', '100000000000000000000000'],
];

function number(random) {
  if (random() < 0.4) return pick(random, NUMBERS);
  const sign = random() < 0.3 ? '-' : '';
  const whole = random() < 0.2 ? '0' : `${1 + below(random, 9)}${digits(random, 8)}`;
  const fraction = random() < 0.4 ? `.${below(random, 10)}${digits(random, 12)}` : '';
  const exponent = random() < 0.2 ? `${pick(random, ['e', 'E', 'e+', 'e-', 'E-'])}${below(random, 400)}` : '';
  return sign + whole + fraction + exponent;
}

function digits(random, most) {
  return String(below(random, 10 ** below(random, most)));
}

function space(random) {
  return random() < 0.85 ? '' : pick(random, [' ', '\n', '\t', '\r\n', '  ']);
}

const NOISE = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '-',
  '+',
  '.',
  'e',
  '0',
  '1',
  'n',
  't',
  ' ',
  '\n',
  '\0',
  '\f',
  '\u00a0',
  '\ufeff',
  '/',
];

function damage(random, text) {
  const at = below(random, text.length + 1);
  const until = Math.min(text.length, at + 1 + below(random, 3));
  switch (below(random, 5)) {
    case 0:
      return text.slice(0, at) + text.slice(until);
    case 1:
      return text.slice(0, at) + pick(random, NOISE) + text.slice(at);
    case 2:
      return text.slice(0, at) + pick(random, NOISE) + text.slice(until);
    case 3:
      return text.slice(0, at);
    default:
      return text.slice(0, until) + text.slice(at);
  }
}
