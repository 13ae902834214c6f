// How the store grows with polls of an unchanged server: the listing is taken once from a real server, then recorded again and again.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { conclude, prepare } from '../../dist/monitor/inspect.js';
import { createWorld } from './world.mjs';

const STEPS = [1, 1_000, 100_000];

export async function run() {
  const world = await createWorld();
  const observation = await world.deps.observer.observe(world.server, new AbortController().signal);
  const poll = async () =>
    conclude(world.server, await prepare(world.server, world.deps, async () => observation), [], world.deps);
  console.log('Store after polls of an unchanged server     database    with write-ahead log    per poll');
  let polls = 0;
  for (const target of STEPS) {
    const started = performance.now();
    const before = polls;
    for (; polls < target; polls++) await poll();
    const perPoll = (performance.now() - started) / (target - before);
    const database = sizeOf(world.stateDir, (name) => name === 'sealwatch.db');
    const all = sizeOf(world.stateDir, () => true);
    console.log(
      `  ${String(polls).padStart(7)} polls ${kilobytes(database).padStart(30)} ${kilobytes(all).padStart(23)} ${perPoll.toFixed(2).padStart(8)} ms`,
    );
  }
  await world.close();
}

function sizeOf(folder, isCounted) {
  return readdirSync(folder)
    .filter(isCounted)
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(0)} KB`;
}
