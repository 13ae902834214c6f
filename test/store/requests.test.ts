import { describe, expect, test } from 'vitest';

import type { RequestState } from '../../src/model/change-request.js';
import type { Store } from '../../src/ports.js';
import {
  ALICE,
  approvedStore,
  approvedVersions,
  AT,
  codeOf,
  newStore,
  PROVENANCE,
  record,
  recordOpen,
  refOf,
  requestFor,
  SERVER,
  settle,
  VANTAGE,
  versionOf,
} from './fixture.js';

async function states(store: Store): Promise<readonly RequestState[]> {
  return (await store.listRequests({})).map(({ state }) => state);
}

async function auditTypes(store: Store): Promise<readonly string[]> {
  return (await store.auditEntries({ from: 1, limit: 1000 })).map(({ type }) => type);
}

describe('a request', () => {
  test('opens with what it asks for', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    expect(request).toEqual({
      id: 1,
      server: 'weather',
      vantage: 'default',
      state: 'open',
      flapping: false,
      openedAt: '2026-11-22T10:00:00.000Z',
      endorsements: [],
      ...requestFor({ forecast: 'sunny' }),
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    });
    expect((await store.loadStanding(SERVER, VANTAGE)).open).toEqual(request);
    expect(await store.getRequest(1)).toEqual(request);
    expect(await store.findRequest(SERVER, VANTAGE, request.asked)).toEqual(request);
    expect(await auditTypes(store)).toEqual(['request-opened']);
  });

  test('keeps the text of its changes and findings exactly, a member named __proto__ and lone surrogates included', async () => {
    const { store } = await newStore();
    const before: unknown = JSON.parse('{"__proto__":{"a":[1,null,"\\ud800"]}}');
    const requested = {
      ...requestFor({ forecast: 'sunny' }),
      changes: [
        {
          kind: 'changed',
          ref: { server: SERVER, kind: 'tool', name: 'forecast' },
          refText: refOf('forecast'),
          edits: [{ pointer: '/x', before: before as null }],
          class: 'wording',
          urgency: 'low',
          because: 'text',
        },
      ] as const,
      findings: [
        {
          rule: 'r',
          refText: refOf('forecast'),
          version: versionOf('sunny'),
          pointer: '/x',
          excerpt: '\u0000\ud800',
          severity: 'low',
          confidence: 'low',
          message: 'm',
          blocks: false,
          means: undefined,
          remediation: 'r',
        },
      ] as const,
    };
    const request = await recordOpen(store, { forecast: 'sunny' }, { requested });
    expect(request.changes).toStrictEqual(requested.changes);
    expect(request.findings).toStrictEqual(requested.findings);
  });

  test('stays the same while it asks for the same, and tells its findings anew', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    const requested = { ...requestFor({ forecast: 'sunny' }), urgency: 'critical' as const };
    const kept = await record(store, {
      surface: { forecast: 'sunny' },
      requested,
      transition: { kind: 'keep', request: 1 },
    });
    expect(kept).toMatchObject({ id: 1, state: 'open', urgency: 'critical' });
    expect(await auditTypes(store)).toEqual(['request-opened', 'request-told-anew']);
    await record(store, { surface: { forecast: 'sunny' }, requested, transition: { kind: 'keep', request: 1 } });
    expect(await auditTypes(store)).toEqual(['request-opened', 'request-told-anew']);
    expect(await store.getRequest(1)).toMatchObject({ urgency: 'critical' });
  });

  test('is replaced when the server drifts on', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    const second = await recordOpen(store, { forecast: 'rainy' }, { transition: { kind: 'supersede', request: 1 } });
    expect(second.id).toBe(2);
    expect(await store.getRequest(1)).toMatchObject({ state: 'superseded', supersededBy: 2 });
    expect(await auditTypes(store)).toEqual(['request-opened', 'request-opened', 'request-superseded']);
  });

  test('is withdrawn when the server goes back', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    expect(await record(store, { surface: {}, transition: { kind: 'withdraw', request: 1 } })).toBeUndefined();
    expect(await states(store)).toEqual(['withdrawn']);
    expect((await store.loadStanding(SERVER, VANTAGE)).open).toBeUndefined();
  });

  test('is opened again as flapping, and a surface that alternates a hundred times grows neither log nor requests', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    for (let turn = 0; turn < 100; turn++) {
      await record(store, { surface: {}, transition: { kind: 'withdraw', request: 1 } });
      await recordOpen(
        store,
        { forecast: 'sunny' },
        { transition: { kind: 'reopen', request: 1, supersedes: undefined } },
      );
    }
    expect(await store.getRequest(1)).toMatchObject({ state: 'open', flapping: true });
    expect(await states(store)).toEqual(['open']);
    expect(await auditTypes(store)).toEqual(['request-opened', 'request-withdrawn', 'request-reopened']);
  });

  test('is opened again in place of another one', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    await recordOpen(store, { forecast: 'rainy' }, { transition: { kind: 'supersede', request: 1 } });
    await recordOpen(store, { forecast: 'sunny' }, { transition: { kind: 'reopen', request: 1, supersedes: 2 } });
    expect(await store.getRequest(1)).toMatchObject({ state: 'open', flapping: true });
    expect((await store.getRequest(1))?.supersededBy).toBeUndefined();
    expect(await store.getRequest(2)).toMatchObject({ state: 'superseded', supersededBy: 1 });
  });

  test.each([
    ['open, while one is open', { kind: 'open' }],
    ['none, while one is open', { kind: 'none' }],
    ['keep, of another one', { kind: 'keep', request: 7 }],
    ['supersede, of another one', { kind: 'supersede', request: 7 }],
    ['withdraw, of another one', { kind: 'withdraw', request: 7 }],
    ['reopen, of one that is not known', { kind: 'reopen', request: 7, supersedes: 1 }],
    ['reopen, of the open one', { kind: 'reopen', request: 1, supersedes: 1 }],
  ] as const)('a transition from a state that is gone is a conflict and changes nothing: %s', async (_, transition) => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    const step = { surface: { forecast: 'rainy' }, requested: requestFor({ forecast: 'rainy' }), transition };
    expect(await codeOf(record(store, step))).toBe('STORE_CONFLICT');
    expect(await states(store)).toEqual(['open']);
    expect((await store.loadStanding(SERVER, VANTAGE)).last?.checks).toBe(1);
    expect((await store.loadContents([versionOf('rainy')])).size).toBe(0);
  });
});

describe('settling', () => {
  test('approves what was asked for, and moves the revision', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny', alerts: 'red' });
    const settled = await settle(store, request, { comment: 'checked by hand' });
    expect(settled).toMatchObject({
      state: 'approved',
      settledAt: AT,
      settledBy: 'alice (terminal)',
      comment: 'checked by hand',
    });
    const { baseline, revision, open } = await store.loadStanding(SERVER, VANTAGE);
    expect(baseline.isEmpty).toBe(false);
    expect(baseline.approved.get('weather/tool/forecast')).toEqual({
      refText: 'weather/tool/forecast',
      version: versionOf('sunny'),
      content: '{"description":"sunny"}',
      provenance: PROVENANCE,
      approval: 1,
      approvedAt: '2026-11-22T10:00:00.000Z',
    });
    expect([...baseline.approved.keys()]).toEqual(['weather/tool/forecast', 'weather/tool/alerts']);
    expect(revision).toBe(1);
    expect(open).toBeUndefined();
    expect(await auditTypes(store)).toEqual(['request-opened', 'request-approved', 'approval', 'approval']);
  });

  test('a new version ends the approval of the old one', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    await settle(store, await recordOpen(store, { forecast: 'rainy' }));
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('rainy') });
    const [sunny] = await store
      .history(refOf('forecast'))
      .then((all) => all.filter(({ version }) => version === versionOf('sunny')));
    expect(sunny?.approvals).toMatchObject([
      { id: 1, by: 'alice (terminal)', request: 1, endedBy: 'alice (terminal)', endedAt: AT },
    ]);
  });

  test('an approved removal ends the approval', async () => {
    const { store } = await approvedStore({ forecast: 'sunny', alerts: 'red' });
    await settle(store, await recordOpen(store, { alerts: 'red' }, { requested: requestFor({ forecast: null }) }));
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/alerts': versionOf('red') });
    expect((await auditTypes(store)).at(-1)).toBe('approval-ended');
  });

  test('a rejection approves nothing', async () => {
    const { store } = await newStore();
    const settled = await settle(store, await recordOpen(store, { forecast: 'sunny' }), { decision: 'reject' });
    expect(settled.state).toBe('rejected');
    expect(await approvedVersions(store)).toEqual({});
    const { baseline, revision } = await store.loadStanding(SERVER, VANTAGE);
    expect(baseline.isEmpty).toBe(true);
    expect(revision).toBe(1);
  });

  test('a part of it approves that part, and the rest is asked anew', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny', alerts: 'red' });
    const settled = await settle(store, request, { only: [refOf('alerts')] });
    expect(settled.state).toBe('superseded');
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/alerts': versionOf('red') });
    const rest = await recordOpen(
      store,
      { forecast: 'sunny', alerts: 'red' },
      { requested: requestFor({ forecast: 'sunny' }) },
    );
    expect(rest.id).toBe(2);
  });

  test('a part that is all of it approves the request', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    expect((await settle(store, request, { only: [refOf('forecast')] })).state).toBe('approved');
  });

  test('a rejected request that the server still shows may be approved after all', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    await settle(store, request, { decision: 'reject' });
    expect((await settle(store, request)).state).toBe('approved');
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
  });

  test.each([
    ['another digest than was shown', 'APPROVAL_STALE', {}, { expectedDigest: 'sha256:other' }],
    ['a reference that it does not ask for', 'APPROVAL_STALE', {}, { only: ['weather/tool/other'] }],
    ['an unknown number', 'NOT_FOUND', {}, { request: 99 }],
    ['one that was approved', 'APPROVAL_SETTLED', { after: 'approve' }, {}],
    ['one that was approved, to reject it', 'APPROVAL_SETTLED', { after: 'approve' }, { decision: 'reject' }],
    ['one that was rejected, to reject it again', 'APPROVAL_SETTLED', { after: 'reject' }, { decision: 'reject' }],
    ['one that was replaced', 'APPROVAL_STALE', { after: 'supersede' }, {}],
    ['one that was withdrawn', 'APPROVAL_STALE', { after: 'withdraw' }, {}],
    ['one that was rejected, and the server drifted on', 'APPROVAL_STALE', { after: 'reject and drift' }, {}],
    ['a version that the newest snapshot does not show', 'APPROVAL_STALE', { after: 'gone' }, {}],
  ] as const)('refuses %s with %s', async (_, code, given, more) => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    await prepare(store, 'after' in given ? given.after : undefined, request);
    const before = await approvedVersions(store);
    expect(await codeOf(settle(store, request, more))).toBe(code);
    expect(await approvedVersions(store)).toEqual(before);
  });
});

type After = 'approve' | 'reject' | 'supersede' | 'withdraw' | 'reject and drift' | 'gone' | undefined;

async function prepare(store: Store, after: After, request: Parameters<typeof settle>[1]): Promise<void> {
  switch (after) {
    case undefined:
      return;
    case 'approve':
    case 'reject':
      await settle(store, request, { decision: after });
      return;
    case 'supersede':
      await recordOpen(store, { forecast: 'rainy' }, { transition: { kind: 'supersede', request: request.id } });
      return;
    case 'withdraw':
      await record(store, { surface: {}, transition: { kind: 'withdraw', request: request.id } });
      return;
    case 'reject and drift':
      await settle(store, request, { decision: 'reject' });
      await recordOpen(store, { forecast: 'rainy' });
      return;
    case 'gone':
      await record(store, {
        surface: {},
        requested: requestFor({ forecast: 'sunny' }),
        transition: { kind: 'keep', request: request.id },
      });
      return;
  }
}

describe('revoking', () => {
  test('ends approvals and moves the revision', async () => {
    const { store } = await approvedStore({ forecast: 'sunny', alerts: 'red' });
    await store.revoke([refOf('alerts')], ALICE, AT, 'not needed');
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    expect((await store.loadStamp(SERVER, VANTAGE)).revision).toBe(2);
    expect((await auditTypes(store)).slice(-2)).toEqual(['revoked', 'approval-ended']);
    expect((await store.loadStanding(SERVER, VANTAGE)).baseline.isEmpty).toBe(false);
  });

  test('of something that is not approved is NOT_FOUND, and nothing is revoked', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    expect(await codeOf(store.revoke([refOf('forecast'), refOf('other')], ALICE, AT, ''))).toBe('NOT_FOUND');
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
  });
});

describe('a policy', () => {
  const sunny = {
    refText: refOf('forecast'),
    version: versionOf('sunny'),
    provenance: PROVENANCE,
    policy: 'firstUse: trust',
  };

  test('approves in the transaction of the inspection, by its name, and moves the revision', async () => {
    const { store } = await newStore();
    await record(store, { surface: { forecast: 'sunny' }, policyApprovals: [sunny] });
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    const [seen] = await store.history(refOf('forecast'));
    expect(seen?.approvals[0]).toMatchObject({ by: 'policy firstUse: trust', request: undefined });
    expect((await store.loadStamp(SERVER, VANTAGE)).revision).toBe(1);
  });

  test('ends approvals as well', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    await record(store, {
      surface: {},
      policyApprovals: [{ ...sunny, version: null, policy: 'autoApprove: removal' }],
    });
    expect(await approvedVersions(store)).toEqual({});
  });
});
