import { describe, expect, test } from 'vitest';

import {
  ALICE,
  approvedStore,
  AT,
  codeOf,
  newStore,
  recordOpen,
  refOf,
  SERVER,
  settle,
  sha256,
  VANTAGE,
  versionOf,
} from './fixture.js';

const SOON = '2026-11-22T11:00:00.000Z';
const LATER = '2026-12-01T00:00:00.000Z';
const NEVER = '2027-12-01T00:00:00.000Z';

const BOB = {
  name: 'bob',
  tokenHash: sha256('token'),
  codeHash: sha256('code'),
  codeExpiresAt: SOON,
  at: AT,
  by: 'alice (terminal)',
};

describe('a link', () => {
  const issue = (
    request: number,
    digest: string,
  ): Parameters<Awaited<ReturnType<typeof newStore>>['store']['issueLink']>[0] => ({
    hash: sha256('link'),
    request,
    digest,
    recipient: 'bob@example.com',
    issuedAt: AT,
    expiresAt: LATER,
  });

  test('is found by its hash, and used up by the decision', async () => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    await store.issueLink(issue(request.id, request.asked));
    expect(await store.findLink(sha256('link'))).toEqual({ ...issue(request.id, request.asked), usedAt: undefined });
    expect(await store.findLink(sha256('other'))).toBeUndefined();
    await settle(store, request, { decision: 'reject', link: sha256('link') });
    expect((await store.findLink(sha256('link')))?.usedAt).toBe(AT);
    expect(await codeOf(settle(store, request, { link: sha256('link') }))).toBe('APPROVAL_SETTLED');
  });

  test.each([
    ['that nobody issued', { link: sha256('other') }, 'NOT_FOUND'],
    ['that has expired', { link: sha256('link'), at: LATER }, 'APPROVAL_STALE'],
  ] as const)('%s decides nothing', async (_, more, code) => {
    const { store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    await store.issueLink(issue(request.id, request.asked));
    expect(await codeOf(settle(store, request, more))).toBe(code);
    expect((await store.getRequest(request.id))?.state).toBe('open');
    expect((await store.findLink(sha256('link')))?.usedAt).toBeUndefined();
  });

  test('decides only the change that it was issued for', async () => {
    const { store } = await newStore();
    const first = await recordOpen(store, { forecast: 'sunny' });
    await store.issueLink(issue(first.id, first.asked));
    const second = await recordOpen(
      store,
      { forecast: 'rainy' },
      { transition: { kind: 'supersede', request: first.id } },
    );
    expect(await codeOf(settle(store, second, { link: sha256('link') }))).toBe('APPROVAL_STALE');
  });
});

describe('an approver', () => {
  test('is known by the token, until removed', async () => {
    const { store } = await newStore();
    await store.addApprover(BOB);
    expect(await store.findApproverByToken(sha256('token'))).toBe('bob');
    expect(await store.findApproverByToken(sha256('other'))).toBeUndefined();
    expect(await codeOf(store.addApprover(BOB))).toBe('APPROVER_EXISTS');
    await store.removeApprover('bob', AT, 'alice (terminal)');
    expect(await store.findApproverByToken(sha256('token'))).toBeUndefined();
    expect(await codeOf(store.removeApprover('bob', AT, 'x'))).toBe('APPROVER_UNKNOWN');
    await store.addApprover({ ...BOB, tokenHash: sha256('new') });
    expect(await store.findApproverByToken(sha256('new'))).toBe('bob');
  });

  test('enrols one browser with a code, in time, once', async () => {
    const { store } = await newStore();
    await store.addApprover(BOB);
    const enrol = (code: string, session: string, at: string): Promise<string | undefined> =>
      store.enrolBrowser({ codeHash: sha256(code), sessionHash: sha256(session), at, expiresAt: LATER });
    expect(await enrol('wrong', 'one', AT)).toBeUndefined();
    expect(await enrol('code', 'one', SOON)).toBeUndefined();
    expect(await enrol('code', 'one', AT)).toBe('bob');
    expect(await enrol('code', 'two', AT)).toBeUndefined();
    expect(await store.findApproverBySession(sha256('one'), SOON)).toBe('bob');
    expect(await store.findApproverBySession(sha256('two'), SOON)).toBeUndefined();
    expect(await store.findApproverBySession(sha256('one'), LATER)).toBeUndefined();
    expect(await store.listApprovers()).toEqual([{ name: 'bob', addedAt: AT, browsers: 1 }]);
    await store.removeApprover('bob', AT, 'x');
    expect(await store.findApproverBySession(sha256('one'), SOON)).toBeUndefined();
    await store.addApprover({ ...BOB, codeHash: sha256('fresh') });
    expect(await store.findApproverBySession(sha256('one'), SOON)).toBeUndefined();
  });
});

describe('a waiver', () => {
  const waiver = {
    rule: 'hidden-text',
    refText: refOf('forecast'),
    version: versionOf('sunny'),
    reason: 'an emoji',
    by: 'alice (terminal)',
    expiresAt: NEVER,
  };

  test('stands for the server it names, and moves the revision', async () => {
    const { store } = await approvedStore({ forecast: 'sunny' });
    await store.addWaiver(waiver, ALICE, AT);
    const standing = await store.loadStanding(SERVER, VANTAGE);
    expect(standing.waivers).toEqual([waiver]);
    expect(standing.revision).toBe(2);
  });
});

describe('what else is written to the log', () => {
  test('a changed input, once', async () => {
    const { store } = await newStore();
    const note = (configuration: string, rules: string): Promise<void> =>
      store.noteInputs({ configuration, rules }, AT);
    await note('c1', 'r1');
    await note('c1', 'r1');
    await note('c2', 'r1');
    const entries = await store.auditEntries({ from: 1, limit: 10 });
    expect(entries.map(({ type, details }) => [type, details])).toEqual([
      ['configuration-changed', { before: null, after: 'c1' }],
      ['rules-changed', { before: null, after: 'r1' }],
      ['configuration-changed', { before: 'c1', after: 'c2' }],
    ]);
  });

  test('a refusal', async () => {
    const { store } = await newStore();
    await store.recordRefusal({ request: undefined, code: 'APPROVAL_REFUSED', actor: 'link issued to x', at: AT });
    expect(await store.auditEntries({ from: 1, limit: 10 })).toEqual([
      {
        index: 1,
        at: AT,
        type: 'approval-refused',
        actor: 'link issued to x',
        details: { request: null, code: 'APPROVAL_REFUSED' },
      },
    ]);
  });
});

describe('a delivery', () => {
  const to = [{ channel: 'email', recipient: 'a' }];
  const alerts = [{ subject: { kind: 'change-request' }, urgency: 'high', dedupKey: 'k', to }] as const;

  test('is leased to one sender, and to another one when that is not heard of', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' }, { alerts });
    expect((await store.claimDeliveries(AT, SOON, 10)).length).toBe(1);
    expect(await store.claimDeliveries(AT, SOON, 10)).toEqual([]);
    expect((await store.claimDeliveries(SOON, LATER, 10)).length).toBe(1);
    await store.markDelivered(1, SOON);
    expect(await store.claimDeliveries(NEVER, NEVER, 10)).toEqual([]);
    expect(await store.countDeliveries()).toEqual({ waiting: 0, dead: 0 });
  });

  test('waits after a failure, and is visible when it was given up', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' }, { alerts });
    await store.claimDeliveries(AT, SOON, 10);
    await store.markFailed(1, { message: 'refused', nextAttemptAt: SOON }, []);
    expect(await store.claimDeliveries(AT, SOON, 10)).toEqual([]);
    expect(await store.claimDeliveries(SOON, LATER, 10)).toMatchObject([{ id: 1, attempts: 1 }]);
    const failed = {
      subject: { kind: 'channel-failed', channel: 'email', message: 'refused' },
      urgency: 'high',
      dedupKey: 'f',
      to,
    } as const;
    await store.markFailed(1, { message: 'refused', nextAttemptAt: undefined }, [failed]);
    expect(await store.countDeliveries()).toEqual({ waiting: 1, dead: 1 });
    expect(await store.claimDeliveries(NEVER, NEVER, 10)).toMatchObject([
      { id: 2, subject: { kind: 'channel-failed' } },
    ]);
    expect(await codeOf(store.markFailed(9, { message: '', nextAttemptAt: undefined }, []))).toBe('NOT_FOUND');
  });

  test('is due only so many at a time', async () => {
    const { store } = await newStore();
    const many = Array.from({ length: 5 }, (_, index) => ({ channel: 'email', recipient: `r${index}` }));
    await recordOpen(store, { forecast: 'sunny' }, { alerts: [{ ...alerts[0], to: many }] });
    expect((await store.claimDeliveries(AT, SOON, 3)).map(({ recipient }) => recipient)).toEqual(['r0', 'r1', 'r2']);
    expect((await store.claimDeliveries(AT, SOON, 3)).map(({ recipient }) => recipient)).toEqual(['r3', 'r4']);
  });
});
