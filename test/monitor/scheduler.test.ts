import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Server } from '../../src/model/server.js';
import type { Inspection } from '../../src/monitor/inspect.js';
import { runSchedule } from '../../src/monitor/scheduler.js';
import { createWorld, HONEST, type World } from './world.js';

const CHANGED = { ...HONEST, description: 'Returns the weather of a town.' };
const HOURLY = { kind: 'every', intervalMs: 60 * 60_000 } as const;

let world: World;
let stop: AbortController;

beforeEach(async () => {
  world = await createWorld();
  world.serve('weather', [HONEST]);
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await world.close();
});

/** Runs the schedule; `next` resolves with the next inspection that fits. */
function run(servers: readonly Server[], deps = world.deps) {
  const seen: Inspection[] = [];
  let wake: () => void = () => undefined;
  const onInspection = (inspection: Inspection): void => {
    seen.push(inspection);
    wake();
  };
  const done = runSchedule(servers, deps, { concurrency: 2, childProcesses: 2, hooks: { onInspection } }, stop.signal);
  const next = async (fits: (inspection: Inspection) => boolean): Promise<Inspection> => {
    for (;;) {
      const found = seen.find(fits);
      if (found !== undefined) return found;
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), done]);
    }
  };
  // Every connection that stays begins with an inspection of its own.
  const listening = (): Promise<unknown> =>
    next(() => seen.filter(({ server, kind }) => server === 'weather' && kind !== 'unchecked').length >= 2);
  return { seen, done, next, listening };
}

const drifted = (inspection: Inspection): boolean =>
  inspection.kind === 'checked' &&
  inspection.changes.some(({ ref }) => ref.kind === 'tool' && inspection.transition === 'supersede');

test('a change that the server announces is noticed at once, whatever the schedule', async () => {
  const { next, listening, done } = run([world.server('weather', { schedule: HOURLY })]);
  await listening(); // the first run and the one over the connection that stays
  world.serve('weather', [CHANGED]);
  expect(await next(drifted)).toMatchObject({ kind: 'checked', server: 'weather' });
  stop.abort();
  await done;
});

test('a change that nobody announces is noticed on the schedule', async () => {
  const quiet = world.server('weather', { schedule: { kind: 'every', intervalMs: 300 } });
  const observer = {
    observe: world.deps.observer.observe.bind(world.deps.observer),
    // The same real connection, but its announcements are not heard.
    connect: async (server: Server, _: () => void, signal: AbortSignal) =>
      world.deps.observer.connect(server, () => undefined, signal),
  };
  const { next, listening, done } = run([quiet], { ...world.deps, observer });
  await listening();
  world.serve('weather', [CHANGED]);
  await next(drifted);
  stop.abort();
  await done;
});

test('a cron expression is followed', async () => {
  const everySecond = world.server('weather', {
    schedule: { kind: 'cron', expression: '* * * * * *', timeZone: 'UTC' },
  });
  const { seen, next, done } = run([everySecond]);
  await next(() => seen.length >= 3);
  stop.abort();
  await done;
});

test('a server that cannot be reached does not keep the others from being watched', async () => {
  const gone = world.server('gone', {
    connection: { kind: 'stdio', launch: { command: '/does/not/exist', args: [], env: {}, cwd: world.folder } },
    schedule: { kind: 'every', intervalMs: 100 },
  });
  const { next, listening, seen, done } = run([gone, world.server('weather', { schedule: HOURLY })]);
  await listening();
  await next(() => seen.filter(({ kind }) => kind === 'unchecked').length >= 3);
  world.serve('weather', [CHANGED]);
  await next(drifted);
  stop.abort();
  await done;
});

test('a store that fails stops the watch with its error: a watch that cannot record must not look alive', async () => {
  const { listening, done } = run([world.server('weather', { schedule: { kind: 'every', intervalMs: 100 } })]);
  await listening();
  const failed = expect(done).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await world.deps.store.close();
  await failed;
});
