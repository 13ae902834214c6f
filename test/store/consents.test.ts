import { describe, expect, test } from 'vitest';

import type { ConsentAsked } from '../../src/model/consent.js';
import type { Store } from '../../src/ports.js';
import { codeOf, newStore, open, SERVER, tamper, versionOf } from './fixture.js';

const AT = '2026-11-22T12:00:00.000Z';
const SOON = '2026-11-22T12:05:00.000Z';
const END = '2026-11-22T12:10:00.000Z';
const LATER = '2026-11-22T12:15:00.000Z';
const LIMITS = { mostWaiting: 3 };

function asked(own: Partial<ConsentAsked> = {}): ConsentAsked {
  return {
    id: 'q1',
    server: SERVER,
    tool: 'drop',
    version: versionOf('sunny'),
    covers: 'call',
    session: 's',
    subject: 'ann',
    person: undefined,
    client: undefined,
    binding: 'b1',
    parameters: '{"table":"users"}',
    askedAt: AT,
    expiresAt: END,
    ...own,
  };
}

async function decide(store: Store, decision: 'given' | 'refused' = 'given', at = SOON): Promise<unknown> {
  const decided = { id: 'q1', decision, actor: 'bob (browser)', at, expiresAt: LATER };
  const state = store.decideConsent(decided).then((consent) => consent.state);
  const code = await codeOf(state);
  return code === 'no error' ? await state : code;
}

describe('a question about a call', () => {
  test('is the same one while it counts, and another one after it', async () => {
    const { store } = await newStore();
    expect(await store.askConsent(asked(), LIMITS)).toEqual({
      ...asked(),
      state: 'waiting',
      decidedBy: undefined,
      decidedAt: undefined,
    });
    expect((await store.askConsent(asked({ id: 'q2', askedAt: SOON }), LIMITS))?.id).toBe('q1');
    expect((await store.askConsent(asked({ id: 'q3', askedAt: END, expiresAt: LATER }), LIMITS))?.id).toBe('q3');
    expect(await store.findConsent('q1')).toBeUndefined();
  });

  test('is not asked where too many of the same caller wait', async () => {
    const { store } = await newStore();
    const ask = async (index: number, own: Partial<ConsentAsked> = {}): Promise<string | undefined> =>
      (await store.askConsent(asked({ id: `q${index}`, binding: `b${index}`, ...own }), LIMITS))?.id;
    expect([await ask(1), await ask(2), await ask(3), await ask(4)]).toEqual(['q1', 'q2', 'q3', undefined]);
    expect(await ask(5, { subject: 'bob' })).toBe('q5');
    await decide(store);
    expect(await ask(6)).toBe('q6');
  });

  test('is answered once, and in time', async () => {
    const { store } = await newStore();
    expect(await decide(store)).toBe('NOT_FOUND');
    await store.askConsent(asked(), LIMITS);
    expect(await decide(store, 'given', END)).toBe('APPROVAL_STALE');
    expect([await decide(store, 'refused'), await decide(store)]).toEqual(['refused', 'APPROVAL_SETTLED']);
    expect(await store.useConsent('q1', SOON)).toBe(false);
    expect(await store.askConsent(asked({ id: 'q2', askedAt: SOON }), LIMITS)).toMatchObject({
      id: 'q1',
      state: 'refused',
      decidedBy: 'bob (browser)',
    });
  });

  test('whose answer is yes lets one call pass, in time, also where several try at once', async () => {
    const { store, stateDir } = await newStore();
    const other = await open(stateDir);
    await store.askConsent(asked(), LIMITS);
    expect(await store.useConsent('q1', SOON)).toBe(false);
    await decide(store);
    expect(await store.useConsent('q1', LATER)).toBe(false);
    const uses = await Promise.all([store, other, store].map(async (one) => await one.useConsent('q1', SOON)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect((await store.findConsent('q1'))?.state).toBe('used');
    expect((await store.askConsent(asked({ id: 'q2', askedAt: SOON }), LIMITS))?.id).toBe('q2');
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test('stands in the audit log with its answer and its use', async () => {
    const { store } = await newStore();
    await store.askConsent(asked(), LIMITS);
    await decide(store);
    await store.useConsent('q1', SOON);
    const entries = await store.searchAudit({ types: ['consent-given', 'consent-used'], limit: 10 });
    expect(entries.map(({ type, actor, details }) => [type, actor, details])).toEqual([
      ['consent-used', 'sealwatch', { consent: 'q1' }],
      ['consent-given', 'bob (browser)', expect.objectContaining({ consent: 'q1', tool: 'drop', binding: 'b1' })],
    ]);
  });
});

describe('somebody who writes to the database', () => {
  test.each([
    ['gives an answer', `update consents set decision = 'given', decided_by = 'bob', decided_at = '${SOON}', leaf = 0`],
    ['shows other arguments', `update consents set parameters = '{}'`],
    ['shows another tool', `update consents set tool = 'list'`],
  ])('%s: it does not count, and shows', async (_, statement) => {
    const { store, stateDir } = await newStore();
    await store.askConsent(asked(), LIMITS);
    tamper(stateDir, statement);
    expect(await codeOf(store.findConsent('q1'))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.askConsent(asked({ id: 'q2' }), LIMITS))).toBe('AUDIT_BROKEN');
    expect(await decide(store)).toBe('AUDIT_BROKEN');
  });

  test.each([
    ['makes an answer fresh', `update consents set used_at = null`],
    ['makes it last', `update consents set expires_at = '2030-01-01T00:00:00.000Z', used_at = null`],
  ])('%s after it was used: no further call passes, and the audit says so', async (_, statement) => {
    const { store, stateDir } = await newStore();
    await store.askConsent(asked(), LIMITS);
    await decide(store);
    expect(await store.useConsent('q1', SOON)).toBe(true);
    tamper(stateDir, statement);
    expect(await codeOf(store.useConsent('q1', SOON))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('turns a no into a yes: no call passes', async () => {
    const { store, stateDir } = await newStore();
    await store.askConsent(asked(), LIMITS);
    await decide(store, 'refused');
    tamper(stateDir, `update consents set decision = 'given'`);
    expect(await codeOf(store.useConsent('q1', SOON))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });
});
