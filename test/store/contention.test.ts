import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';

import {
  ALICE,
  approvedStore,
  AT,
  codeOf,
  newStore,
  open,
  query,
  record,
  recordOpen,
  refOf,
  SERVER,
  settle,
  VANTAGE,
} from './fixture.js';

const DIST = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', 'store', 'open-store.js')).href;

/** Opens a store in a process of its own, settles or writes to its log, and prints the codes. */
async function elsewhere(stateDir: string, calls: string): Promise<readonly string[]> {
  const script = `
    const [, dist, stateDir] = process.argv;
    const { openStore } = await import(dist);
    const { randomBytes } = await import('node:crypto');
    const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
    const store = await openStore(stateDir, { clock, random: { bytes: (count) => randomBytes(count) } });
    const codes = [];
    const attempt = (promise) => promise.then(() => codes.push('done'), (error) => codes.push(error.code ?? String(error)));
    ${calls}
    await store.close();
    console.log(JSON.stringify(codes));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, DIST, stateDir]);
  return JSON.parse(stdout) as readonly string[];
}

describe('several on one store', () => {
  test('exactly one of many settlements wins, in one process', async () => {
    const { stateDir, store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const stores = [store, await open(stateDir), await open(stateDir), await open(stateDir)];
    const decisions = ['approve', 'reject', 'approve', 'reject'] as const;
    const codes = await Promise.all(
      stores.map((one, index) => codeOf(settle(one, request, { decision: decisions[index % 2]! }))),
    );
    const wins = codes.filter((code) => code === 'no error').length;
    // A rejected request may still be approved, so a rejection that came first leaves room for one approval.
    const settled = query(stateDir, `select count(*) as count from audit_entries where type = 'request-approved'`);
    expect(settled).toEqual([{ count: 1 }]);
    expect(wins).toBeLessThanOrEqual(2);
    expect(codes.filter((code) => code !== 'no error').every((code) => code === 'APPROVAL_SETTLED')).toBe(true);
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test('exactly one of a thousand approvals and rejections wins', async () => {
    const { stateDir, store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const stores = [store, await open(stateDir), await open(stateDir), await open(stateDir)];
    // Whoever rejects does it after somebody approved, so that no rejection leaves room for a later approval.
    const first = Array.from({ length: 500 }, (_, index) => codeOf(settle(stores[index % 4]!, request)));
    const codes = await Promise.all([
      ...first,
      ...Array.from({ length: 500 }, async (_, index) => {
        await Promise.race(first);
        return codeOf(settle(stores[index % 4]!, request, { decision: 'reject' }));
      }),
    ]);
    expect(codes.filter((code) => code === 'no error')).toHaveLength(1);
    expect(codes.filter((code) => code === 'APPROVAL_SETTLED')).toHaveLength(999);
    expect((await store.loadStanding(SERVER, VANTAGE)).baseline.approved.size).toBe(1);
    expect(await store.searchAudit({ types: ['request-approved', 'request-rejected'], limit: 10 })).toHaveLength(1);
    expect((await store.verifyAudit()).kind).toBe('intact');
  }, 30_000);

  test('exactly one of many approvals wins, across processes', async () => {
    const { stateDir, store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const call = `await attempt(store.settle(${JSON.stringify({ request: request.id, expectedDigest: request.digest, decision: 'approve', actor: ALICE, at: AT, persons: 1 })}));`;
    const codes = await Promise.all([1, 2, 3, 4].map(() => elsewhere(stateDir, call)));
    expect(codes.flat().sort()).toEqual(['APPROVAL_SETTLED', 'APPROVAL_SETTLED', 'APPROVAL_SETTLED', 'done']);
    expect((await store.loadStanding(SERVER, VANTAGE)).baseline.approved.size).toBe(1);
  });

  test('nobody sees a lock that lasts a moment, and the log holds what all of them wrote', async () => {
    const { stateDir, store } = await newStore();
    const refusal = `{ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: '${AT}' }`;
    const calls = `for (let i = 0; i < 40; i++) await attempt(store.recordRefusal(${refusal}));`;
    const own = (async () => {
      for (let entry = 0; entry < 40; entry++)
        await store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
    })();
    const codes = await Promise.all([elsewhere(stateDir, calls), elsewhere(stateDir, calls), own]);
    expect(codes.flat().filter((code) => code !== 'done' && code !== undefined)).toEqual([]);
    expect(await store.verifyAudit()).toMatchObject({ kind: 'intact', size: 121 });
  });

  test('two stores in one process do not starve each other', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const other = await open(stateDir);
    const polls = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? store : other).recordUnchanged(SERVER, VANTAGE, AT),
    );
    await Promise.all(polls);
    expect((await store.loadStanding(SERVER, VANTAGE)).last?.checks).toBe(51);
  });

  test('a writer waits its turn while another one writes, and does not read before it has the lock', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const other = new Database(join(stateDir, 'sealwatch.db'));
    other.exec('begin immediate; update checks set checks = checks + 10');
    const waiting = store.recordUnchanged(SERVER, VANTAGE, AT);
    await sleep(100);
    other.exec('commit');
    other.close();
    await waiting;
    expect((await store.loadStanding(SERVER, VANTAGE)).last?.checks).toBe(12);
  });

  test('a delivery is claimed by one of them', async () => {
    const { stateDir, store } = await newStore();
    const to = Array.from({ length: 20 }, (_, index) => ({ channel: 'email', recipient: String(index) }));
    await recordOpen(
      store,
      { forecast: 'sunny' },
      { alerts: [{ subject: { kind: 'change-request' }, urgency: 'high', dedupKey: 'k', to }] },
    );
    const stores = [store, await open(stateDir), await open(stateDir)];
    const claimed = await Promise.all(stores.map((one) => one.claimDeliveries(AT, '2027-01-01T00:00:00.000Z', 7)));
    const ids = claimed.flat().map(({ id }) => id);
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('an inspection that another one overtook with a decision is a conflict', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const other = await open(stateDir);
    const { revision } = await other.loadStamp(SERVER, VANTAGE);
    await store.revoke([refOf('forecast')], ALICE, AT, '');
    expect(await codeOf(record(other, { surface: { forecast: 'sunny' }, expectedRevision: revision }))).toBe(
      'STORE_CONFLICT',
    );
  });

  test('what another one decides is seen at once, and announces itself', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const other = await open(stateDir);
    const before = await other.dataVersion();
    expect(await other.dataVersion()).toBe(before);
    await store.revoke([refOf('forecast')], ALICE, AT, '');
    expect(await other.dataVersion()).not.toBe(before);
    expect((await other.loadStanding(SERVER, VANTAGE)).baseline.approved.size).toBe(0);
  });
});
