import { expect, test } from 'vitest';

import type { ChangeRequest } from '../../src/model/change-request.js';
import type { Store } from '../../src/ports.js';
import {
  approvedStore,
  approvedVersions,
  record,
  refOf,
  requestFor,
  SERVER,
  settle,
  VANTAGE,
  versionOf,
} from './fixture.js';

const NEXT_YEAR = '2027-11-22T10:00:00.000Z';
const SURFACE = { forecast: 'sunny', alerts: 'red' };

/** Asks for approvals to be looked at again. */
async function askForReview(store: Store, tools: readonly (keyof typeof SURFACE)[]): Promise<ChangeRequest> {
  const target = Object.fromEntries(tools.map((tool) => [tool, SURFACE[tool]]));
  const requested = { ...requestFor(target), review: tools.map(refOf), digest: `sha256:review ${tools.join()}` };
  const opened = await record(store, { surface: SURFACE, requested, transition: { kind: 'open' }, at: NEXT_YEAR });
  if (opened === undefined) throw new Error('no request is open');
  return opened;
}

test('a request for a review says what it is about, and leaves it approved meanwhile', async () => {
  const { store } = await approvedStore(SURFACE);
  const request = await askForReview(store, ['forecast']);
  expect(request.review).toEqual(['weather/tool/forecast']);
  expect((await store.getRequest(2))?.review).toEqual(['weather/tool/forecast']);
  expect(await approvedVersions(store)).toEqual({
    'weather/tool/alerts': versionOf('red'),
    'weather/tool/forecast': versionOf('sunny'),
  });
});

test('an approval renews it: the version is the same, the approval is another', async () => {
  const { store } = await approvedStore(SURFACE);
  await settle(store, await askForReview(store, ['forecast']), { at: NEXT_YEAR });
  const { baseline } = await store.loadStanding(SERVER, VANTAGE);
  const approved = [...baseline.approved.values()].map(({ refText, version, approval, approvedAt }) => [
    refText,
    version,
    approval,
    approvedAt,
  ]);
  expect(approved.sort()).toEqual([
    ['weather/tool/alerts', versionOf('red'), 2, '2026-11-22T10:00:00.000Z'],
    ['weather/tool/forecast', versionOf('sunny'), 3, '2027-11-22T10:00:00.000Z'],
  ]);
  const [seen] = await store.history(refOf('forecast'));
  expect(seen?.approvals.map(({ id, endedAt }) => [id, endedAt])).toEqual([
    [1, '2027-11-22T10:00:00.000Z'],
    [3, undefined],
  ]);
  expect((await store.verifyAudit()).kind).toBe('intact');
});

test('a rejection ends it, and nothing else', async () => {
  const { store } = await approvedStore(SURFACE);
  const rejected = await settle(store, await askForReview(store, ['forecast']), { decision: 'reject', at: NEXT_YEAR });
  expect(rejected.state).toBe('rejected');
  expect(await approvedVersions(store)).toEqual({ 'weather/tool/alerts': versionOf('red') });
  const [ended] = await store.searchAudit({ types: ['approval-ended'], limit: 1 });
  expect(ended).toMatchObject({ actor: 'alice (terminal)', details: { ref: 'weather/tool/forecast' } });
  expect((await store.loadStamp(SERVER, VANTAGE)).revision).toBe(2);
  expect((await store.verifyAudit()).kind).toBe('intact');
});

test('what was rejected may be approved after all', async () => {
  const { store } = await approvedStore(SURFACE);
  const request = await askForReview(store, ['forecast', 'alerts']);
  await settle(store, request, { decision: 'reject', at: NEXT_YEAR });
  expect(await approvedVersions(store)).toEqual({});
  await settle(store, request, { at: NEXT_YEAR });
  expect(Object.keys(await approvedVersions(store))).toEqual(['weather/tool/forecast', 'weather/tool/alerts']);
  expect((await store.verifyAudit()).kind).toBe('intact');
});

test('a rejection of what was revoked meanwhile ends nothing twice', async () => {
  const { store } = await approvedStore(SURFACE);
  const request = await askForReview(store, ['forecast']);
  await store.revoke([refOf('forecast')], { kind: 'person', name: 'bob', how: 'token' }, NEXT_YEAR, '');
  await settle(store, request, { decision: 'reject', at: NEXT_YEAR });
  expect(await store.searchAudit({ types: ['approval-ended'], limit: 10 })).toHaveLength(1);
  expect((await store.verifyAudit()).kind).toBe('intact');
});
