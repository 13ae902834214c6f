// Prints every figure that the documentation claims, side by side in one run. Usage: npm run bench [-- alerts fingerprint fleet gateway polls provenance scan size watch] [--corpus DIR]
import { parseArgs } from 'node:util';

import { run as alerts } from './alerts.mjs';
import { run as fingerprint } from './fingerprint.mjs';
import { run as gateway } from './gateway.mjs';
import { run as fleet } from './fleet.mjs';
import { run as polls } from './polls.mjs';
import { run as provenance } from './provenance.mjs';
import { run as scan } from './scan.mjs';
import { run as size } from './size.mjs';
import { run as watch } from './watch.mjs';

const BENCHES = { fingerprint, scan, polls, size, alerts, fleet, gateway, provenance, watch };
const { values, positionals } = parseArgs({ options: { corpus: { type: 'string' } }, allowPositionals: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`no bench named ${name}; there are ${Object.keys(BENCHES).join(', ')}`);
  await bench(values);
  console.log();
}
