// Long runs that do not belong into `npm test`. Each prints its progress and fails the script by throwing.
// Usage: npm run soak [-- reader kill deliver gateway calls] ; sizes: SOAK_INPUTS (default 10,000,000), SOAK_ROUNDS (default 500),
// SOAK_CALLS (default 1,000,000).
import { run as calls } from './many-calls.mjs';
import { run as deliver } from './deliver.mjs';
import { run as gateway } from './gateway.mjs';
import { run as kill } from './kill.mjs';
import { run as reader } from './reader.mjs';

const SOAKS = {
  calls: () => calls({ calls: Number(process.env.SOAK_CALLS ?? 1_000_000) }),
  deliver: () => deliver({ rounds: Number(process.env.SOAK_ROUNDS ?? 500) }),
  gateway: () => gateway({ rounds: Math.ceil(Number(process.env.SOAK_ROUNDS ?? 500) / 25) }),
  kill: () => kill({ rounds: Number(process.env.SOAK_ROUNDS ?? 500) }),
  reader: () => reader({ inputs: Number(process.env.SOAK_INPUTS ?? 10_000_000) }),
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SOAKS);
for (const name of chosen) {
  const soak = SOAKS[name];
  if (soak === undefined) throw new Error(`no soak named ${name}; there are ${Object.keys(SOAKS).join(', ')}`);
  const started = performance.now();
  console.log(`soak ${name}`);
  await soak();
  console.log(`soak ${name} held, ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
console.log(`${chosen.length} passed, 0 failed`);
