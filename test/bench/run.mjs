// Prints every figure that the documentation claims, side by side in one run. Usage: npm run bench [-- alerts fingerprint fleet polls size]
import { run as alerts } from './alerts.mjs';
import { run as fingerprint } from './fingerprint.mjs';
import { run as fleet } from './fleet.mjs';
import { run as polls } from './polls.mjs';
import { run as size } from './size.mjs';

const BENCHES = { fingerprint, polls, size, alerts, fleet };
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
for (const name of chosen) {
  const bench = BENCHES[name];
  if (bench === undefined) throw new Error(`no bench named ${name}; there are ${Object.keys(BENCHES).join(', ')}`);
  await bench();
  console.log();
}
