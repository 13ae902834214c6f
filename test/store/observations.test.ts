import { statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { NewAlert } from '../../src/model/alert.js';
import { parseFingerprint } from '../../src/model/fingerprint.js';
import type { Unchecked } from '../../src/model/inspection.js';
import { parseServerId } from '../../src/model/server-id.js';
import {
  approvedStore,
  codeOf,
  contentOf,
  definitionOf,
  newStore,
  query,
  record,
  recordOpen,
  refOf,
  requestFor,
  SERVER,
  settle,
  snapshotOf,
  VANTAGE,
  versionOf,
} from './fixture.js';

const MONDAY = '2026-11-23T00:00:00.000Z';
const TUESDAY = '2026-11-24T00:00:00.000Z';
const WEDNESDAY = '2026-11-25T00:00:00.000Z';
const THURSDAY = '2026-11-26T00:00:00.000Z';

const ALERT: NewAlert = {
  subject: { kind: 'change-request' },
  urgency: 'high',
  dedupKey: 'one',
  to: [
    { channel: 'email', recipient: 'a@example.com' },
    { channel: 'email', recipient: 'b@example.com' },
  ],
};

const FAILED: Unchecked = {
  kind: 'unchecked',
  server: SERVER,
  vantage: VANTAGE,
  at: MONDAY,
  durationMs: 1,
  code: 'OBSERVE_TIMEOUT',
  message: 'no answer in 5 ms',
};

describe('a snapshot', () => {
  test('comes back as it was recorded', async () => {
    const { store } = await newStore();
    expect(await store.loadSnapshot(SERVER, VANTAGE)).toBeUndefined();
    await record(store, { surface: { forecast: 'sunny', alerts: 'red' } });
    expect(await store.loadSnapshot(SERVER, VANTAGE)).toStrictEqual(snapshotOf({ forecast: 'sunny', alerts: 'red' }));
  });

  test('keeps malformed definitions: two of one name that can be read, and one that cannot', async () => {
    const { store } = await newStore();
    const text = '{ "__proto__" : 1e400, "x":1 }';
    const malformed = (
      version: string,
      content: string,
      value: { x: number } | undefined,
    ): ReturnType<typeof definitionOf> => ({
      ...definitionOf('forecast', ''),
      version: `malformed:sha256:${version}`,
      rawFingerprint: undefined,
      value,
      content,
      flaws: [{ code: 'DUPLICATE_NAME', pointer: '', message: 'twice' }],
      inexactNumbers: ['/x'],
    });
    const definitions = [
      malformed('1', '{"x": 1}', { x: 1 }),
      malformed('2', '{"x": 2}', { x: 2 }),
      malformed('3', text, undefined),
    ];
    const snapshot = { ...snapshotOf({}), definitions };
    await record(store, { surface: {}, snapshot });
    expect(await store.loadSnapshot(SERVER, VANTAGE)).toStrictEqual(snapshot);
    expect((await store.history(refOf('forecast'))).length).toBe(3);
  });

  test('keeps the newest text under a mask, and grows by nothing when that changes every time', async () => {
    const { stateDir, store } = await newStore();
    const onDay = (day: string): ReturnType<typeof snapshotOf> => {
      const content = `{"description":"today is ${day}"}`;
      const raw = parseFingerprint(versionOf(`today is ${day}`));
      const masked = {
        ...definitionOf('forecast', 'today is [volatile]'),
        rawFingerprint: raw,
        value: JSON.parse(content) as null,
        content,
        masked: ['/description'],
      };
      return { ...snapshotOf({ forecast: 'today is [volatile]' }), definitions: [masked], rawDigest: day };
    };
    for (let day = 0; day < 50; day++) await record(store, { surface: {}, snapshot: onDay(`day ${day}`) });
    expect(await store.loadSnapshot(SERVER, VANTAGE)).toStrictEqual(onDay('day 49'));
    for (const table of ['versions', 'snapshots', 'current_texts', 'sightings']) {
      expect(query(stateDir, `select count(*) as rows from ${table}`)).toEqual([{ rows: 1 }]);
    }
  });
});

describe('how often a version was seen', () => {
  test('follows from the observations it was in', async () => {
    const { store } = await newStore();
    await record(store, { surface: { forecast: 'sunny' }, at: MONDAY });
    await store.recordUnchanged(SERVER, VANTAGE, TUESDAY);
    await store.recordUnchanged(SERVER, VANTAGE, TUESDAY);
    await record(store, { surface: { forecast: 'rainy' }, at: WEDNESDAY });
    await record(store, { surface: { forecast: 'sunny' }, at: THURSDAY });
    await store.recordUnchanged(SERVER, VANTAGE, THURSDAY);
    const history = await store.history(refOf('forecast'));
    expect(
      history.map(({ content, firstSeenAt, lastSeenAt, times }) => ({ content, firstSeenAt, lastSeenAt, times })),
    ).toEqual([
      { content: contentOf('sunny'), firstSeenAt: MONDAY, lastSeenAt: THURSDAY, times: 5 },
      { content: contentOf('rainy'), firstSeenAt: WEDNESDAY, lastSeenAt: WEDNESDAY, times: 1 },
    ]);
    expect((await store.loadStanding(SERVER, VANTAGE)).last).toMatchObject({ at: THURSDAY, checks: 6 });
  });

  test('does not go up when a decision is evaluated', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    const before = await store.loadStanding(SERVER, VANTAGE);
    await record(store, { surface: { forecast: 'sunny' }, occasion: 'decision', at: THURSDAY });
    const { last } = await store.loadStanding(SERVER, VANTAGE);
    expect(last).toEqual(before.last);
    expect((await store.history(refOf('forecast')))[0]?.times).toBe(1);
  });

  test('a decision that was evaluated on an outdated snapshot changes nothing', async () => {
    const { store } = await newStore();
    await settle(store, await recordOpen(store, { forecast: 'sunny' }));
    const newer = await recordOpen(store, { forecast: 'rainy' });
    const returned = await record(store, { surface: { forecast: 'sunny' }, occasion: 'decision' });
    expect(returned).toEqual(newer);
    expect((await store.loadSnapshot(SERVER, VANTAGE))?.definitions[0]?.content).toBe(contentOf('rainy'));
  });
});

describe('an unchanged poll', () => {
  test('grows nothing, a thousand times over', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const tables = query(stateDir, `select name from sqlite_master where type = 'table'`).map(({ name }) => name);
    const count = (): unknown => tables.map((table) => query(stateDir, `select count(*) as rows from ${table}`)[0]);
    const pages = (): unknown => query(stateDir, 'pragma page_count')[0]?.['page_count'];
    const before = [count(), pages()];
    for (let poll = 0; poll < 1_000; poll++) await store.recordUnchanged(SERVER, VANTAGE, TUESDAY);
    expect([count(), pages()]).toEqual(before);
    expect((await store.loadStanding(SERVER, VANTAGE)).last?.checks).toBe(1_001);
    await store.close();
    expect(statSync(join(stateDir, 'sealwatch.db')).size).toBe(Number(before[1]) * 4096);
  });

  test('of a server that was never observed is a conflict', async () => {
    const { store } = await newStore();
    expect(await codeOf(store.recordUnchanged(SERVER, VANTAGE, TUESDAY))).toBe('STORE_CONFLICT');
  });
});

describe('an inspection', () => {
  test('made from an older decision is not recorded', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    const stale = {
      surface: { forecast: 'rainy' },
      requested: requestFor({ forecast: 'rainy' }),
      transition: { kind: 'open' },
      expectedRevision: 0,
    } as const;
    expect(await codeOf(record(store, stale))).toBe('STORE_CONFLICT');
    expect((await store.loadContents([versionOf('rainy')])).size).toBe(0);
    expect((await store.loadStanding(SERVER, VANTAGE)).open).toBeUndefined();
  });

  test('is recorded whole or not at all', async () => {
    const { stateDir, store } = await newStore();
    // The last step of the transaction fails: an alert about a request, where none is open.
    expect(await codeOf(record(store, { surface: { forecast: 'sunny' }, alerts: [ALERT] }))).toBe('STORE_FAILED');
    for (const table of ['versions', 'snapshots', 'sightings', 'checks', 'surfaces', 'alerts', 'deliveries']) {
      expect(query(stateDir, `select count(*) as rows from ${table}`)).toEqual([{ rows: 0 }]);
    }
    expect(query(stateDir, 'select count(*) as rows from audit_entries')).toEqual([{ rows: 1 }]);
  });

  test('raises an alert once, with a delivery for each recipient, about the request that it opened', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' }, { alerts: [ALERT, ALERT] });
    expect(await store.countDeliveries()).toEqual({ waiting: 2, dead: 0 });
    expect(await store.claimDeliveries(MONDAY, TUESDAY, 10)).toEqual([
      {
        id: 1,
        channel: 'email',
        recipient: 'a@example.com',
        inDigest: false,
        subject: { kind: 'change-request', request: 1 },
        urgency: 'high',
        createdAt: '2026-11-22T10:00:00.000Z',
        attempts: 0,
      },
      {
        id: 2,
        channel: 'email',
        recipient: 'b@example.com',
        inDigest: false,
        subject: { kind: 'change-request', request: 1 },
        urgency: 'high',
        createdAt: '2026-11-22T10:00:00.000Z',
        attempts: 0,
      },
    ]);
  });
});

describe('an outage', () => {
  test('lasts from the first failure to the next complete observation, in one row', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.recordFailure(FAILED, []);
    await store.recordFailure({ ...FAILED, at: TUESDAY, code: 'OBSERVE_EXITED', message: 'exit 1' }, []);
    expect((await store.loadStanding(SERVER, VANTAGE)).outage).toEqual({
      since: MONDAY,
      failures: 2,
      code: 'OBSERVE_EXITED',
      message: 'exit 1',
    });
    expect(query(stateDir, 'select count(*) as rows from outages')).toEqual([{ rows: 1 }]);
    await store.recordUnchanged(SERVER, VANTAGE, WEDNESDAY);
    expect((await store.loadStanding(SERVER, VANTAGE)).outage).toBeUndefined();
    await store.recordFailure({ ...FAILED, at: THURSDAY }, []);
    await record(store, { surface: { forecast: 'sunny' } });
    expect((await store.loadStanding(SERVER, VANTAGE)).outage).toBeUndefined();
  });

  test('is known of a server that was never observed, and leaves its baseline alone', async () => {
    const { store } = await newStore();
    await store.recordFailure(FAILED, [
      { ...ALERT, subject: { kind: 'unchecked-too-long', server: SERVER, since: MONDAY } },
    ]);
    const standing = await store.loadStanding(SERVER, VANTAGE);
    expect(standing).toMatchObject({
      revision: 0,
      last: undefined,
      open: undefined,
      outage: { since: MONDAY, failures: 1 },
    });
    expect(await store.countDeliveries()).toEqual({ waiting: 2, dead: 0 });
  });
});

describe('the stamp', () => {
  test('says what an unchanged poll needs, before and after the first check', async () => {
    const { store } = await newStore();
    expect(await store.loadStamp(SERVER, VANTAGE)).toEqual({ revision: 0, surroundings: 0, key: undefined });
    await record(store, { surface: { forecast: 'sunny' } });
    expect(await store.loadStamp(SERVER, VANTAGE)).toEqual({
      revision: 0,
      surroundings: 1,
      key: 'key of {"forecast":"sunny"}',
    });
  });

  test('has other surroundings when names change, and only then', async () => {
    const { store } = await newStore();
    const seen: number[] = [];
    for (const surface of [{ a: 'x' }, { a: 'y' }, { a: 'x', b: 'x' }, { b: 'x' }, { b: 'x' }]) {
      await record(store, { surface });
      seen.push((await store.loadStamp(SERVER, VANTAGE)).surroundings);
    }
    expect(seen).toEqual([1, 1, 2, 3, 3]);
  });
});

test('neighbours are the tools of the other servers', async () => {
  const { store } = await newStore();
  await record(store, { surface: { b: 'x', a: 'x' } });
  expect(await store.loadNeighbours(parseServerId('other'))).toEqual([{ server: 'weather', tools: ['a', 'b'] }]);
  expect(await store.loadNeighbours(SERVER)).toEqual([]);
});

test('five thousand definitions are recorded, approved and read back', async () => {
  const { store } = await newStore();
  const surface = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`tool-${index}`, `word ${index}`]));
  await settle(store, await recordOpen(store, surface));
  expect((await store.loadStanding(SERVER, VANTAGE)).baseline.approved.size).toBe(5_000);
  expect((await store.loadSnapshot(SERVER, VANTAGE))?.definitions.length).toBe(5_000);
});
