import { expect, test } from 'vitest';

import { parseServerId } from '../../src/model/server-id.js';
import type { Store } from '../../src/ports.js';
import { approvedStore, newStore, type Opened, record, recordOpen, SERVER, settle, versionOf } from './fixture.js';

const OTHER = parseServerId('other');
const MONDAY = '2026-11-23T00:00:00.000Z';
const TUESDAY = '2026-11-24T00:00:00.000Z';
const WEDNESDAY = '2026-11-25T00:00:00.000Z';

/** Requests 1 to 3, opened on Monday, Tuesday and Wednesday: approved, rejected, open. */
async function threeRequests(): Promise<Opened> {
  const opened = await newStore();
  const { store } = opened;
  await settle(store, await recordOpen(store, { forecast: 'sunny' }, { at: MONDAY }));
  await settle(store, await recordOpen(store, { forecast: 'rainy' }, { at: TUESDAY }), { decision: 'reject' });
  await recordOpen(store, { forecast: 'stormy' }, { at: WEDNESDAY });
  return opened;
}

test.each([
  ['all, oldest first', {}, [1, 2, 3]],
  ['those in some states', { states: ['open', 'approved'] }, [1, 3]],
  ['those in no state', { states: [] }, []],
  ['those of a server', { server: SERVER }, [1, 2, 3]],
  ['those of a server that has none', { server: OTHER }, []],
  ['those opened at a moment or after it', { openedSince: TUESDAY }, [2, 3]],
  ['the newest, still oldest first', { newest: 2 }, [2, 3]],
  ['the newest of those in some states', { states: ['approved', 'rejected'], newest: 1 }, [2]],
  ['more than there are', { newest: 100 }, [1, 2, 3]],
] as const)('lists %s', async (_, filter, ids) => {
  const { store } = await threeRequests();
  expect((await store.listRequests(filter)).map(({ id }) => id)).toEqual(ids);
});

test('the history of a server has every version of every definition, in the order of reference and time', async () => {
  const { store } = await approvedStore({ forecast: 'sunny', alerts: 'red' });
  await record(store, { surface: { forecast: 'rainy', alerts: 'red' }, at: MONDAY });
  await record(store, { surface: { forecast: 'rainy', alerts: 'red' }, at: TUESDAY });
  const seen = await store.historyOf(SERVER);
  expect(
    seen.map(({ refText, version, firstSeenAt, lastSeenAt, times, approvals }) => [
      refText,
      version,
      firstSeenAt,
      lastSeenAt,
      times,
      approvals.map(({ id }) => id),
    ]),
  ).toEqual([
    ['weather/tool/alerts', versionOf('red'), '2026-11-22T10:00:00.000Z', TUESDAY, 3, [2]],
    ['weather/tool/forecast', versionOf('sunny'), '2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00.000Z', 1, [1]],
    ['weather/tool/forecast', versionOf('rainy'), MONDAY, TUESDAY, 2, []],
  ]);
  expect(seen[1]).toEqual((await store.history('weather/tool/forecast'))[0]);
  expect(await store.historyOf(OTHER)).toEqual([]);
});

test('every server that was ever looked at is listed, also one that never answered', async () => {
  const { store } = await approvedStore({ forecast: 'sunny' });
  expect(await ids(store)).toEqual(['weather']);
  await store.recordFailure(
    {
      kind: 'unchecked',
      server: OTHER,
      vantage: 'default',
      at: MONDAY,
      durationMs: 1,
      code: 'OBSERVE_TIMEOUT',
      message: 'no answer in 5 ms',
    },
    [],
  );
  expect(await store.listChecks()).toEqual([
    {
      server: 'other',
      vantage: 'default',
      last: undefined,
      outage: { since: MONDAY, failures: 1, code: 'OBSERVE_TIMEOUT', message: 'no answer in 5 ms' },
    },
    {
      server: 'weather',
      vantage: 'default',
      last: (await store.loadStanding(SERVER, 'default')).last,
      outage: undefined,
    },
  ]);
  expect((await store.listChecks())[1]?.last).toMatchObject({ at: '2026-11-22T10:00:00.000Z', checks: 1 });
});

async function ids(store: Store): Promise<readonly string[]> {
  return (await store.listChecks()).map(({ server }) => server);
}
