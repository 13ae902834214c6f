import { describe, expect, test } from 'vitest';

import type { Actor } from '../../src/model/change-request.js';
import {
  ALICE,
  approvedVersions,
  AT,
  codeOf,
  newStore,
  open,
  query,
  record,
  recordOpen,
  refOf,
  requestFor,
  SERVER,
  settle,
  sha256,
  tamper,
  VANTAGE,
  versionOf,
} from './fixture.js';

const ANNA: Actor = { kind: 'person', name: 'Anna', how: 'oidc', id: 'oidc:https://id.example#1' };
const BEN: Actor = { kind: 'person', name: 'Ben', how: 'oidc', id: 'oidc:https://id.example#2' };
const LATER = '2026-11-22T10:05:00.000Z';

/** Opens a request that Anna approved as the first of two. */
async function endorsed() {
  const { stateDir, store } = await newStore();
  const opened = await recordOpen(store, { forecast: 'sunny' });
  const request = await settle(store, opened, { actor: ANNA, persons: 2, comment: 'looks right' });
  return { stateDir, store, request };
}

describe('where two persons have to approve', () => {
  test('the first approval leaves the request open and approves nothing', async () => {
    const { store, request } = await endorsed();
    const anna = { by: 'Anna (oidc)', identity: 'oidc:https://id.example#1', at: '2026-11-22T10:00:00.000Z' };
    expect(request).toMatchObject({ state: 'open', endorsements: [anna] });
    expect((await store.getRequest(1))?.endorsements).toEqual([anna]);
    expect((await store.loadStanding(SERVER, VANTAGE)).open?.endorsements).toEqual([anna]);
    expect((await store.listRequests({}))[0]?.endorsements).toEqual([anna]);
    expect(await approvedVersions(store)).toEqual({});
    expect((await store.loadStamp(SERVER, VANTAGE)).revision).toBe(0);
    const [entry] = await store.auditEntries({ from: 2, limit: 1 });
    expect(entry).toMatchObject({
      type: 'request-endorsed',
      actor: 'Anna (oidc)',
      details: { request: 1, comment: 'looks right', identity: 'oidc:https://id.example#1' },
    });
  });

  test('the second approval, by another person, approves, and the log names both', async () => {
    const { store, request } = await endorsed();
    const settled = await settle(store, request, { actor: BEN, persons: 2, at: LATER });
    expect(settled).toMatchObject({ state: 'approved', settledBy: 'Ben (oidc)', settledAt: LATER });
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    const [entry] = await store.auditEntries({ from: 3, limit: 1 });
    expect(entry).toMatchObject({
      type: 'request-approved',
      actor: 'Ben (oidc)',
      details: { request: 1, endorsedBy: ['Anna (oidc)'] },
    });
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test.each([
    ['the same sign-in', ANNA],
    ['the same sign-in under another name', { ...BEN, id: 'oidc:https://id.example#1' }],
    ['an enrolled browser of the same name', { kind: 'person', name: 'anna', how: 'browser' }],
    ['a token of the same name in other letters', { kind: 'person', name: 'ANNA', how: 'token' }],
    ['the same name in other code points', { kind: 'person', name: 'Ａnna', how: 'token' }],
  ] as const)('the second approval cannot be the first person’s: %s', async (_, actor) => {
    const { store, request } = await endorsed();
    expect(await codeOf(settle(store, request, { actor, persons: 2 }))).toBe('APPROVAL_SAME_PERSON');
    expect(await approvedVersions(store)).toEqual({});
    expect((await store.getRequest(1))?.endorsements).toHaveLength(1);
  });

  test.each([
    ['a link', { kind: 'person', name: 'link issued to x', how: 'link' }],
    ['the terminal', ALICE],
    ['the console', { kind: 'person', name: 'operator', how: 'console', id: 'console' }],
    ['a policy', { kind: 'policy', name: 'autoApprove: removal' }],
  ] as const)('%s is not one of them', async (_, actor) => {
    const { store, request } = await endorsed();
    expect(await codeOf(settle(store, request, { actor, persons: 2 }))).toBe('APPROVAL_REFUSED');
    expect(await approvedVersions(store)).toEqual({});
  });

  test('a part is not approved: both would have to mean the same part', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny', alerts: 'red' });
    const part = { actor: ANNA, persons: 2, only: [refOf('alerts')] } as const;
    expect(await codeOf(settle(store, request, part))).toBe('APPROVAL_REFUSED');
    expect((await store.getRequest(1))?.endorsements).toEqual([]);
  });

  test('one person rejects, and an approval from before the rejection does not count', async () => {
    const { store, request } = await endorsed();
    const rejected = await settle(store, request, { actor: BEN, persons: 2, decision: 'reject' });
    expect(rejected).toMatchObject({ state: 'rejected', endorsements: [] });
    const again = await settle(store, request, { actor: BEN, persons: 2, at: LATER });
    expect(again).toMatchObject({ state: 'rejected', endorsements: [{ by: 'Ben (oidc)' }] });
    expect(await approvedVersions(store)).toEqual({});
    expect((await settle(store, request, { actor: ANNA, persons: 2 })).state).toBe('approved');
  });

  test('an approval of what was shown before the server drifted on does not count for the new request', async () => {
    const { store, request } = await endorsed();
    const next = await recordOpen(store, { forecast: 'rainy' }, { transition: { kind: 'supersede', request: 1 } });
    expect(next.endorsements).toEqual([]);
    expect(await codeOf(settle(store, request, { actor: BEN, persons: 2 }))).toBe('APPROVAL_STALE');
    expect((await settle(store, next, { actor: BEN, persons: 2 })).state).toBe('open');
  });

  test('an approval of what was found to be worse since does not count, and a page from before decides nothing', async () => {
    const { store, request } = await endorsed();
    const requested = { ...requestFor({ forecast: 'sunny' }), urgency: 'critical' as const };
    const kept = await record(store, {
      surface: { forecast: 'sunny' },
      requested,
      transition: { kind: 'keep', request: 1 },
    });
    expect(kept).toMatchObject({ id: 1, asked: request.asked, endorsements: [] });
    expect(await codeOf(settle(store, request, { actor: BEN, persons: 2 }))).toBe('APPROVAL_STALE');
    expect((await settle(store, kept!, { actor: BEN, persons: 2 })).state).toBe('open');
    expect((await settle(store, kept!, { actor: ANNA, persons: 2 })).state).toBe('approved');
  });

  test('a link is used up by the first approval', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const link = sha256('link');
    await store.issueLink({
      hash: link,
      request: 1,
      digest: request.asked,
      recipient: 'anna@example.com',
      issuedAt: AT,
      expiresAt: '2026-12-01T00:00:00.000Z',
    });
    await settle(store, request, { actor: ANNA, persons: 2, link });
    expect((await store.findLink(link))?.usedAt).toBe(AT);
    expect(await codeOf(settle(store, request, { actor: BEN, persons: 2, link }))).toBe('APPROVAL_SETTLED');
  });

  test('of many first and second approvals at once exactly one settles', async () => {
    const { stateDir, store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const stores = [store, await open(stateDir), await open(stateDir)];
    const codes = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        codeOf(settle(stores[index % 3]!, request, { actor: index % 2 === 0 ? ANNA : BEN, persons: 2 })),
      ),
    );
    expect(codes.filter((code) => code === 'no error')).toHaveLength(2);
    expect(query(stateDir, `select count(*) as count from audit_entries where type = 'request-endorsed'`)).toEqual([
      { count: 1 },
    ]);
    expect(query(stateDir, `select count(*) as count from audit_entries where type = 'request-approved'`)).toEqual([
      { count: 1 },
    ]);
  });
});

describe('a first approval counts only with its entry in the log', () => {
  /** What is put in place of Anna's: who it is by, and the entry that it points to. */
  const put = (leaf: number, name: string, identity: string, digest: string): string =>
    `delete from endorsements; insert into endorsements
     select tenant, id, ${leaf}, '${digest}', '${name} (oidc)', '${name}', '${identity}', '${AT}', 'looks right', null from requests`;
  test.each([
    ['made up', (digest: string) => put(99, 'Carl', 'oidc:https://id.example#3', digest)],
    ['made up on the entry of another record', (digest: string) => put(1, 'Carl', 'oidc:https://id.example#3', digest)],
    [
      'made up on the entry of another person’s',
      (digest: string) => put(2, 'Carl', 'oidc:https://id.example#3', digest),
    ],
    ['under another identity', () => `update endorsements set identity = 'oidc:https://id.example#3'`],
    ['under another name', () => `update endorsements set name = 'Carl'`],
  ])('%s', async (_, statements) => {
    const { stateDir, store, request } = await endorsed();
    tamper(stateDir, statements(request.digest));
    expect(await codeOf(settle(store, request, { actor: ANNA, persons: 2 }))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.getRequest(1))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('moved to another request', async () => {
    const { stateDir, store, request } = await endorsed();
    await settle(store, request, { actor: BEN, persons: 2 });
    const next = await recordOpen(store, { forecast: 'rainy' });
    tamper(stateDir, `update endorsements set request = 2, digest = '${next.digest}'`);
    expect(await codeOf(settle(store, next, { actor: BEN, persons: 2 }))).toBe('AUDIT_BROKEN');
  });

  test('put back after a rejection', async () => {
    const { stateDir, store, request } = await endorsed();
    await settle(store, request, { actor: BEN, persons: 2, decision: 'reject' });
    tamper(stateDir, put(2, 'Anna', 'oidc:https://id.example#1', request.digest));
    expect(await codeOf(settle(store, request, { actor: BEN, persons: 2 }))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });
});
