import { describe, expect, test } from 'vitest';

import { parseServerId } from '../../src/model/server-id.js';
import { approvedStore, AT, open, query, record, SERVER, tamper, VANTAGE } from './fixture.js';

const KEY = 'key of {"forecast":"sunny"}';

test('the key by which equal bytes are recognised stands through polls, decisions and restarts', async () => {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
  expect((await store.loadStamp(SERVER, VANTAGE)).key).toBe(KEY);
  await store.recordUnchanged(SERVER, VANTAGE, AT);
  expect((await store.loadStamp(SERVER, VANTAGE)).key).toBe(KEY);
  await record(store, { surface: { forecast: 'sunny' }, occasion: 'decision' });
  expect((await store.loadStamp(SERVER, VANTAGE)).key).toBe(KEY);
  await store.close();
  expect((await (await open(stateDir)).loadStamp(SERVER, VANTAGE)).key).toBe(KEY);
});

describe('where somebody without the key of the log wrote it, equal bytes are evaluated again', () => {
  test.each([
    ['the key of poisoned bytes', `update checks set key = 'key of {"forecast":"poisoned"}'`],
    ['the digest of poisoned bytes', `update checks set raw_digest = 'x'`],
    ['the digest of another snapshot', `update checks set snapshot_digest = 'x'`],
    ['no seal', `update checks set seal = null`],
    ['a seal made up', `update checks set seal = 'x'`],
    ['the row of another server', `update checks set server = 'other'`],
  ])('%s', async (_, statement) => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    tamper(stateDir, statement);
    const [row] = query(stateDir, 'select server from checks');
    const server = parseServerId(String(row!['server']));
    expect((await store.loadStamp(server, VANTAGE)).key).toBeUndefined();
  });

  test('and the evaluation seals it anew', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    tamper(stateDir, `update checks set key = 'x'`);
    await record(store, { surface: { forecast: 'sunny' } });
    expect((await store.loadStamp(SERVER, VANTAGE)).key).toBe(KEY);
  });
});
