// Fingerprints of received bytes beside the cheapest thing one could do instead, on the same definitions, in one run.
import { createHash } from 'node:crypto';
import { canonicalize } from '../../dist/integrity/canonicalize.js';
import { decodeUtf8 } from '../../dist/integrity/decode-utf8.js';
import { fingerprintOf } from '../../dist/integrity/fingerprint.js';
import { parseJson } from '../../dist/integrity/parse-json.js';

/** Slower than this, beside the cheapest thing, would be a reason to cut corners. */
const MAX_RATIO = 5;

export function run() {
  const tools = makeTools(1_000);
  const received = tools.map((tool) => Buffer.from(JSON.stringify(tool)));
  const kilobytes = received.reduce((sum, bytes) => sum + bytes.length, 0) / received.length / 1000;
  const ways = {
    'sha256(JSON.stringify(x)), x parsed already': (index) => cheapest(tools[index]),
    'sha256(JSON.stringify(JSON.parse(bytes)))': (index) => cheapest(JSON.parse(received[index].toString())),
    'strict reading of the bytes alone': (index) => read(received[index]),
    'fingerprint of the received bytes': (index) => fingerprintOf(canonicalize(read(received[index]))),
  };
  const perSecond = measure(Object.values(ways), tools.length);
  console.log(`fingerprints, ${tools.length} definitions of ${kilobytes.toFixed(1)} KB on average`);
  for (const [index, name] of Object.keys(ways).entries()) {
    const ratio = perSecond[0] / perSecond[index];
    console.log(
      `  ${name.padEnd(46)} ${String(Math.round(perSecond[index])).padStart(8)} a second  ${ratio.toFixed(1)}x`,
    );
  }
  const ratio = perSecond[0] / perSecond[3];
  if (ratio > MAX_RATIO)
    throw new Error(`a fingerprint costs ${ratio.toFixed(1)} times as much; ${MAX_RATIO} is the limit`);
  return { perSecond: perSecond[3], ratio };
}

function cheapest(value) {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function read(bytes) {
  return parseJson(decodeUtf8(bytes), { maxDepth: 64 }).value;
}

/** The ways take turns, so that a busy moment of the machine does not count against one of them; the best turn counts. */
function measure(ways, count) {
  const best = ways.map(() => Infinity);
  for (let turn = 0; turn < 40; turn++) {
    for (const [at, way] of ways.entries()) {
      const started = performance.now();
      for (let index = 0; index < count; index++) way(index);
      // The first turns are for the compiler.
      if (turn >= 10) best[at] = Math.min(best[at], performance.now() - started);
    }
  }
  return best.map((milliseconds) => (count / milliseconds) * 1000);
}

const WORDS =
  'Returns lists updates the matching records of an account — optional filter, page size and “cursor” for large results'.split(
    ' ',
  );
const TYPES = ['string', 'integer', 'boolean', 'number'];

/** The same definitions at every run, with the members, the texts and the member order that real servers send. */
function makeTools(count) {
  return Array.from({ length: count }, (_, index) => ({
    name: `tool_${index}`,
    title: `Tool ${index}`,
    description: `${sentence(index, 40)}\n\nArgs:\n    filter: ${sentence(index + 1, 12)}\n    "limit": ${sentence(index + 2, 9)}`,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 8 + (index % 5) }, (_, at) => [`field_${at}`, property(index + at)]),
      ),
      required: ['field_0', 'field_1'],
      additionalProperties: false,
      $schema: 'http://json-schema.org/draft-07/schema#',
    },
    annotations: { readOnlyHint: index % 2 === 0, openWorldHint: true },
  }));
}

function property(index) {
  const type = TYPES[index % TYPES.length];
  const bounds = type === 'integer' ? { minimum: 0, maximum: 1000, default: index % 100 } : {};
  return {
    type,
    description: sentence(index, 8 + (index % 7)),
    ...bounds,
    ...(index % 6 === 0 ? { enum: ['asc', 'desc'] } : {}),
  };
}

function sentence(start, length) {
  return `${Array.from({ length }, (_, at) => WORDS[(start * 7 + at) % WORDS.length]).join(' ')}.`;
}
