import { describe, expect, test } from 'vitest';

import type { NewAlert } from '../../src/model/alert.js';
import { ALICE, AT, codeOf, newStore, open, recordOpen } from './fixture.js';

const SOON = '2026-11-22T11:00:00.000Z';
const EVENING = '2026-11-22T18:00:00.000Z';
const NIGHT = '2026-11-22T23:00:00.000Z';

const MAIL = { channel: 'email', recipient: 'a@example.com' };

function expiry(of: string, to: NewAlert['to'] = [MAIL]): NewAlert {
  return {
    subject: { kind: 'certificate-expires', of, expiresAt: '2026-12-01T00:00:00.000Z' },
    urgency: 'low',
    dedupKey: `certificate ${of}`,
    to,
  };
}

describe('an alert that no inspection caused', () => {
  test('is raised once', async () => {
    const { store } = await newStore();
    await store.raise([expiry('weather'), expiry('serve')], AT);
    await store.raise([expiry('weather')], SOON);
    expect(await store.countDeliveries()).toEqual({ waiting: 2, dead: 0 });
    expect(await store.listDeliveries({ limit: 10 })).toEqual([
      {
        id: 2,
        channel: 'email',
        recipient: 'a@example.com',
        attempts: 0,
        inDigest: false,
        subject: { kind: 'certificate-expires', of: 'serve', expiresAt: '2026-12-01T00:00:00.000Z' },
        urgency: 'low',
        createdAt: '2026-11-22T10:00:00.000Z',
        state: 'waiting',
        nextAttemptAt: '2026-11-22T10:00:00.000Z',
        sentAt: undefined,
        message: undefined,
      },
      expect.objectContaining({ id: 1, state: 'waiting' }),
    ]);
  });

  test('is raised once by several processes at once', async () => {
    const { stateDir, store } = await newStore();
    const stores = [store, await open(stateDir), await open(stateDir)];
    await Promise.all(stores.map((one) => one.raise([expiry('weather')], AT)));
    expect(await store.countDeliveries()).toEqual({ waiting: 1, dead: 0 });
  });

  test('about a request says which, and why it is told again', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    const reminder: NewAlert = {
      subject: { kind: 'change-request', request: 1, occasion: 'reminder' },
      urgency: 'high',
      dedupKey: 'reminder 1',
      to: [MAIL],
    };
    await store.raise([reminder], AT);
    expect(await store.claimDeliveries(AT, SOON, 10)).toMatchObject([
      { subject: { kind: 'change-request', request: 1, occasion: 'reminder' } },
    ]);
    const vague: NewAlert = { ...reminder, subject: { kind: 'change-request' }, dedupKey: 'vague' };
    expect(await codeOf(store.raise([vague], AT))).toBe('STORE_FAILED');
  });
});

describe('a destination', () => {
  test('that is not to be disturbed before a time is not', async () => {
    const { store } = await newStore();
    await store.raise([expiry('weather', [{ ...MAIL, notBefore: EVENING }])], AT);
    expect(await store.claimDeliveries(SOON, EVENING, 10)).toEqual([]);
    expect(await store.claimDeliveries(EVENING, NIGHT, 10)).toHaveLength(1);
  });

  test('whose time is past is told at once', async () => {
    const { store } = await newStore();
    await store.raise([expiry('weather', [{ ...MAIL, notBefore: AT }])], SOON);
    expect((await store.listDeliveries({ limit: 1 }))[0]?.nextAttemptAt).toBe(SOON);
  });
});

describe('a digest', () => {
  const digest = (recipient: string) => [{ channel: 'email', recipient, notBefore: EVENING, inDigest: true }];

  test('takes all that is due for the same recipient, beyond the limit', async () => {
    const { store } = await newStore();
    const alerts = Array.from({ length: 30 }, (_, index) => expiry(`server-${index}`, digest('a@example.com')));
    await store.raise([...alerts, expiry('other', digest('b@example.com'))], AT);
    const claimed = await store.claimDeliveries(EVENING, NIGHT, 5);
    expect(claimed.map(({ id }) => id)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(claimed.every(({ inDigest, recipient }) => inDigest && recipient === 'a@example.com')).toBe(true);
    expect(await store.claimDeliveries(EVENING, NIGHT, 5)).toMatchObject([{ id: 31, recipient: 'b@example.com' }]);
    expect(await store.claimDeliveries(EVENING, NIGHT, 5)).toEqual([]);
  });

  test('leaves out what goes out alone, what waits longer and what goes over another channel', async () => {
    const { store } = await newStore();
    await store.raise(
      [
        expiry('one', digest('a@example.com')),
        expiry('alone', [{ ...MAIL, notBefore: EVENING }]),
        expiry('later', [{ ...MAIL, notBefore: NIGHT, inDigest: true }]),
        expiry('elsewhere', [{ channel: 'chat', recipient: 'a@example.com', notBefore: EVENING, inDigest: true }]),
      ],
      AT,
    );
    expect((await store.claimDeliveries(EVENING, NIGHT, 1)).map(({ id }) => id)).toEqual([1]);
  });

  test('is claimed whole by one of several senders', async () => {
    const { stateDir, store } = await newStore();
    await store.raise(
      Array.from({ length: 12 }, (_, index) => expiry(`server-${index}`, digest('a@example.com'))),
      AT,
    );
    const stores = [store, await open(stateDir), await open(stateDir)];
    const claimed = await Promise.all(stores.map((one) => one.claimDeliveries(EVENING, NIGHT, 3)));
    expect(claimed.map(({ length }) => length).sort()).toEqual([0, 0, 12]);
  });
});

describe('a delivery that was given up', () => {
  test('is put on its way again by a person, and the log says by whom', async () => {
    const { store } = await newStore();
    await store.raise([expiry('weather')], AT);
    await store.claimDeliveries(AT, SOON, 10);
    await store.markFailed(1, { message: 'refused', nextAttemptAt: undefined }, []);
    expect(await store.listDeliveries({ states: ['dead'], limit: 10 })).toMatchObject([
      { id: 1, state: 'dead', attempts: 1, message: 'refused' },
    ]);
    await store.retryDelivery(1, ALICE, SOON);
    expect(await store.listDeliveries({ states: ['dead'], limit: 10 })).toEqual([]);
    expect(await store.claimDeliveries(SOON, EVENING, 10)).toMatchObject([{ id: 1, attempts: 0 }]);
    expect(await store.auditEntries({ from: 1, limit: 10 })).toMatchObject([
      {
        type: 'delivery-retried',
        actor: 'alice (terminal)',
        details: { delivery: 1, channel: 'email', recipient: 'a@example.com' },
      },
    ]);
  });

  test.each([
    ['one that waits', 1],
    ['one that is not there', 9],
  ])('is the only one: %s is NOT_FOUND', async (_, id) => {
    const { store } = await newStore();
    await store.raise([expiry('weather')], AT);
    expect(await codeOf(store.retryDelivery(id, ALICE, SOON))).toBe('NOT_FOUND');
    expect(await store.auditEntries({ from: 1, limit: 10 })).toEqual([]);
  });
});

test('when a request was first told is when the first of its alerts went out', async () => {
  const { store } = await newStore();
  const to = [MAIL, { channel: 'email', recipient: 'b@example.com' }];
  await recordOpen(
    store,
    { forecast: 'sunny' },
    { alerts: [{ subject: { kind: 'change-request' }, urgency: 'high', dedupKey: 'k', to }] },
  );
  expect(await store.firstTold([1])).toEqual(new Map());
  await store.markDelivered(2, EVENING);
  await store.markDelivered(1, SOON);
  await store.raise([expiry('weather')], AT);
  expect(await store.firstTold([1, 2])).toEqual(new Map([[1, '2026-11-22T11:00:00.000Z']]));
});
