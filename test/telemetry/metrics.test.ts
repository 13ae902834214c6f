import { afterEach, beforeEach, expect, test } from 'vitest';

import { inspect } from '../../src/monitor/inspect.js';
import { createTelemetry } from '../../src/telemetry/telemetry.js';
import { startTracing } from '../../src/telemetry/tracing.js';
import { createWorld, HONEST, SIGNAL, type World } from '../monitor/world.js';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.close();
});

async function telemetry() {
  const { store, clock, logger } = world.deps;
  return createTelemetry({ store, clock, version: '1.2.3', tracing: await startTracing({}, '1.2.3', logger) });
}

test('figures count what happened, and what waits in the store', async () => {
  const counting = await telemetry();
  const deps = { ...world.deps, telemetry: counting };
  world.serve('weather', [HONEST]);
  // The second evaluates again, because the first brought new names.
  for (let run = 0; run < 3; run++) await inspect(world.server('weather'), deps, SIGNAL);
  const gone = world.server('gone', {
    connection: { kind: 'stdio', launch: { command: '/does/not/exist', args: [], env: {}, cwd: world.folder } },
  });
  await inspect(gone, deps, SIGNAL);
  counting.began({ server: gone.id, lateMs: 700 });
  counting.delivered({ channel: 'email', outcome: 'sent' });
  counting.decided({ decision: 'approve', how: 'browser' });
  const figures = await counting.figures();
  for (const line of [
    'sealwatch_inspections_total{server="weather",outcome="checked"} 2',
    'sealwatch_inspections_total{server="weather",outcome="unchanged"} 1',
    'sealwatch_inspections_total{server="gone",outcome="unchecked"} 1',
    'sealwatch_inspection_duration_seconds_count 4',
    'sealwatch_run_lateness_seconds_bucket{le="0.5"} 0',
    'sealwatch_run_lateness_seconds_bucket{le="1"} 1',
    'sealwatch_deliveries_total{channel="email",outcome="sent"} 1',
    'sealwatch_decisions_total{decision="approve",how="browser"} 1',
    'sealwatch_unchecked_servers 1',
    'sealwatch_deliveries{state="dead"} 0',
    'sealwatch_build_info{version="1.2.3"} 1',
  ])
    expect(figures).toContain(`${line}\n`);
  expect(figures).toMatch(/sealwatch_open_requests\{urgency="\w+"\} 1\n/);
  expect(figures).toContain('process_cpu_seconds_total');
});

test('two services in one process keep figures of their own', async () => {
  const [one, other] = [await telemetry(), await telemetry()];
  one.decided({ decision: 'reject', how: 'oidc' });
  expect(await other.figures()).not.toContain('decision="reject"');
});

test('a service is ready when every server was looked at, and not any more when its timers stop', async () => {
  const counting = await telemetry();
  expect(counting.missing()).toEqual(['first-round', 'scheduler']);
  counting.beat();
  expect(counting.missing()).toEqual(['first-round']);
  counting.firstRoundDone();
  expect(counting.missing()).toEqual([]);
  world.pass(11_000);
  expect(counting.missing()).toEqual(['scheduler']);
});
