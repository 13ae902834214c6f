// What the gateway adds to a call of a trivial tool: the programs as a user starts them, beside the same servers without them, and beside
// programs that hand on everything and look at nothing. All are measured in turns of a fraction of a second, so that whatever else the
// machine does befalls all of them alike.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { measureDecisions } from './gateway-decisions.mjs';
import { openEnds } from './gateway-ends.mjs';

const TURNS = 12;
const WARM_UP = 1_000;
const CALLS_ONE_BY_ONE = 200;
const CALLS_AT_ONCE = 1_600;
const CALLERS = 32;

export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'sealwatch-bench-gateway-'));
  const { ends, logging, close } = await openEnds(folder);
  try {
    for (const end of ends) await begin(end);
    const measured = ends.map((end) => ({ ...end, times: [], rates: [] }));
    for (let turn = 0; turn < TURNS; turn += 1)
      for (const end of measured) {
        end.times.push(...(await oneByOne(end, CALLS_ONE_BY_ONE)));
        end.rates.push(await atOnce(end, CALLS_AT_ONCE));
      }
    print(measured);
    const open = { 'sealwatch run': 'local', 'sealwatch gateway': 'bare' };
    const sessions = ends.flatMap(({ name, ask }) => (name in open ? [{ server: open[name], ask }] : []));
    await measureDecisions(logging, sessions);
  } finally {
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function begin(end) {
  const clientInfo = { name: 'bench', version: '1' };
  await end.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  await oneByOne(end, WARM_UP);
  await atOnce(end, WARM_UP);
}

let calls = 0;

async function call({ name, ask }) {
  const number = ++calls;
  const answer = await ask('tools/call', { name: 'echo', arguments: { call: number } });
  if (!answer.includes(`Hello number ${number} `)) throw new Error(`${name} answered ${answer}`);
}

/** Milliseconds of each call. */
async function oneByOne(end, count) {
  const times = [];
  for (let done = 0; done < count; done += 1) {
    const startedAt = performance.now();
    await call(end);
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** Calls a second. */
async function atOnce(end, count) {
  let left = count;
  const startedAt = performance.now();
  const caller = async () => {
    while (left-- > 0) await call(end);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return count / ((performance.now() - startedAt) / 1_000);
}

function print(measured) {
  const found = new Map(
    measured.map(({ name, base, times, rates }) => [name, { base, median: medianOf(times), rate: medianOf(rates) }]),
  );
  console.log(
    `gateway: a call of a trivial tool, in ${TURNS} turns; calls one by one, and with ${CALLERS} callers at once`,
  );
  for (const [name, { base, median, rate }] of found) {
    const than = found.get(base);
    const added = than === undefined ? '' : `+${(median - than.median).toFixed(3)} ms`;
    const share = than === undefined ? '' : `${Math.round((rate / than.rate) * 100)} %`;
    const figures = [`${median.toFixed(3)} ms`, added.padStart(10), `${Math.round(rate)} a second`.padStart(16), share];
    console.log(`  ${name.padEnd(34)} ${figures.join('   ')}`);
  }
  const share = (found.get('sealwatch run').rate / found.get('stdio, two SDK transports joined').rate) * 100;
  console.log(`  sealwatch run has ${Math.round(share)} % of the calls of two SDK transports joined`);
}

function medianOf(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
