// What one poll of a real stdio server with thirty tools costs, listing included: unchanged beside changed.
import { conclude, prepare } from '../../dist/monitor/inspect.js';
import { createWorld } from './world.mjs';

const ROUNDS = 200;

export async function run() {
  const world = await createWorld();
  const signal = new AbortController().signal;
  const session = await world.deps.observer.connect(world.server, () => undefined, signal);
  const poll = async () => {
    const listingStarted = performance.now();
    let listedAt = listingStarted;
    const list = async () => {
      const observation = await session.observe(signal);
      listedAt = performance.now();
      return observation;
    };
    const inspection = await conclude(world.server, await prepare(world.server, world.deps, list), [], world.deps);
    return { kind: inspection.kind, listingMs: listedAt - listingStarted, restMs: performance.now() - listedAt };
  };
  for (let warm = 0; warm < 3; warm++) await poll();
  const unchanged = [];
  const changed = [];
  for (let round = 0; round < ROUNDS; round++) {
    world.changeTools(`round ${round}`);
    changed.push(await poll());
    unchanged.push(await poll());
  }
  await session.close();
  await world.close();
  if (unchanged.some(({ kind }) => kind !== 'unchanged'))
    throw new Error('an unchanged poll was taken for a changed one');
  if (changed.some(({ kind }) => kind !== 'checked')) throw new Error('a changed poll was taken for an unchanged one');
  console.log(`One poll, 30 tools of 2 KB over stdio, median of ${ROUNDS}   listing      our part`);
  row('unchanged', unchanged);
  row('one tool changed', changed);
}

function row(name, polls) {
  const listing = median(polls.map(({ listingMs }) => listingMs));
  const rest = median(polls.map(({ restMs }) => restMs));
  console.log(`  ${name.padEnd(50)} ${listing.toFixed(2).padStart(7)} ms  ${rest.toFixed(2).padStart(7)} ms`);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
