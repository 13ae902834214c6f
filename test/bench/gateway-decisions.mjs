// How long after a person decides it takes effect on sessions that are open: over stdio and over HTTP, another process decides.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { loadRules } from '../../dist/cli/load-rules.js';
import { createScanner, SMALL } from '../../dist/cli/scanner.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { revokeApprovals, settleRequest } from '../../dist/monitor/approve.js';
import { noTelemetry } from '../../dist/monitor/no-telemetry.js';
import { openStore } from '../../dist/store/open-store.js';

const DECISIONS = 20;
const MAX_MS = 1_000;
const ACTOR = { kind: 'person', name: 'bench', how: 'terminal' };

/** `ends` are sessions by the server that they are with, of the configuration in `folder`. */
export async function measureDecisions(folder, ends) {
  const { deps, servers, close } = await decider(folder);
  const delays = { held: [], released: [] };
  try {
    for (let round = 0; round < DECISIONS; round += 1)
      for (const { server, ask } of ends) {
        const ref = `${server}/tool/echo`;
        delays.held.push(
          await untilIt(false, ask, () => revokeApprovals([ref], { actor: ACTOR, comment: 'bench' }, servers, deps)),
        );
        delays.released.push(await untilIt(true, ask, () => approve(server, servers, deps)));
      }
  } finally {
    await close();
  }
  console.log(
    `From a decision of another process to its effect on open sessions, ${DECISIONS} times over stdio and HTTP`,
  );
  for (const [what, times] of Object.entries(delays)) {
    times.sort((a, b) => a - b);
    const [median, most] = [times[Math.floor(times.length / 2)], times.at(-1)].map(Math.round);
    console.log(`  ${what.padEnd(9)} median ${median} ms, max ${most} ms`);
    if (most > MAX_MS) throw new Error(`a change was ${what} after ${most} ms; ${MAX_MS} ms is the limit`);
  }
}

async function decider(folder) {
  const options = {
    clock: { now: () => new Date(), monotonicMs: () => performance.now() },
    random: { bytes: (count) => randomBytes(count) },
  };
  const config = loadConfig({ file: undefined, cwd: folder, env: process.env, stateDir: undefined });
  const store = await openStore(join(folder, '.sealwatch'), options);
  const scanner = createScanner({ pack: await loadRules(config.rules), settings: config.rules, small: SMALL });
  const logger = { info() {}, warn: console.warn, error: console.error };
  const { policy, alerting, servers } = config;
  const deps = { ...options, store, scanner, policy, channels: [], alerting, logger, telemetry: noTelemetry };
  const close = async () => {
    await scanner.close();
    await store.close();
  };
  return { deps, servers, close };
}

async function approve(server, servers, deps) {
  const [request] = await deps.store.listRequests({ states: ['open'], server });
  const settlement = { request: request.id, expectedDigest: request.digest, decision: 'approve', actor: ACTOR };
  await settleRequest(settlement, servers, deps);
}

/** Milliseconds from the moment at which whoever decided is told that it is decided. */
async function untilIt(passes, ask, decide) {
  await decide();
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask('tools/call', { name: 'echo', arguments: {} });
    if (answer.includes('Hello number') === passes) return performance.now() - startedAt;
    await sleep(5);
  }
}
