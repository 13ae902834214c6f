import { describe, expect, test } from 'vitest';

import type { Principal } from '../../src/model/principal.js';
import { ALICE, AT, codeOf, newStore, open, query, recordOpen, settle, sha256, tamper } from './fixture.js';

const ANNA: Principal = {
  id: 'oidc:https://id.example#1',
  name: 'Anna',
  how: 'oidc',
  grants: [{ role: 'approver', servers: ['weather', 'payments-*'] }],
};
const SOON = '2026-11-22T11:00:00.000Z';
const LATER = '2026-11-22T18:00:00.000Z';
const LONG_AGO = '2026-01-01T00:00:00.000Z';

const SESSION = { hash: sha256('session'), principal: ANNA, at: AT, expiresAt: LATER, replaces: undefined };
const TOKEN = {
  name: 'ci',
  hash: sha256('token'),
  grants: [{ role: 'viewer', servers: ['*'] }],
  at: AT,
  by: 'alice (terminal)',
  expiresAt: LATER,
} as const;

describe('a session', () => {
  test('is somebody’s until it ends', async () => {
    const { store } = await newStore();
    await store.openSession(SESSION);
    expect(await store.findSession(sha256('session'), SOON, LONG_AGO)).toEqual(ANNA);
    expect(await store.findSession(sha256('other'), SOON, LONG_AGO)).toBeUndefined();
    await store.endSession(sha256('session'), SOON);
    expect(await store.findSession(sha256('session'), SOON, LONG_AGO)).toBeUndefined();
    await store.endSession(sha256('session'), SOON);
    const entries = await store.auditEntries({ from: 1, limit: 10 });
    expect(entries.map(({ type, actor, at }) => [type, actor, at])).toEqual([
      ['signed-in', 'Anna (oidc)', '2026-11-22T10:00:00.000Z'],
      ['signed-out', 'Anna (oidc)', '2026-11-22T11:00:00.000Z'],
    ]);
  });

  test('ends at its time, to the millisecond', async () => {
    const { store } = await newStore();
    await store.openSession(SESSION);
    expect(await store.findSession(sha256('session'), '2026-11-22T17:59:59.999Z', LONG_AGO)).toEqual(ANNA);
    expect(await store.findSession(sha256('session'), LATER, LONG_AGO)).toBeUndefined();
  });

  test('ends when it was not used for too long', async () => {
    const { store } = await newStore();
    await store.openSession(SESSION);
    expect(await store.findSession(sha256('session'), SOON, '2026-11-22T10:00:00.001Z')).toBeUndefined();
    await store.touchSession(sha256('session'), '2026-11-22T10:30:00.000Z');
    expect(await store.findSession(sha256('session'), SOON, '2026-11-22T10:00:00.001Z')).toEqual(ANNA);
    await store.touchSession(sha256('session'), '2026-11-22T10:15:00.000Z');
    expect(await store.findSession(sha256('session'), SOON, '2026-11-22T10:30:00.000Z')).toEqual(ANNA);
  });

  test('replaces the one before it, so that one that was planted before the sign-in is worth nothing', async () => {
    const { store } = await newStore();
    await store.openSession(SESSION);
    await store.openSession({ ...SESSION, hash: sha256('new'), replaces: sha256('session') });
    expect(await store.findSession(sha256('session'), SOON, LONG_AGO)).toBeUndefined();
    expect(await store.findSession(sha256('new'), SOON, LONG_AGO)).toEqual(ANNA);
    await store.openSession({ ...SESSION, hash: sha256('third'), replaces: sha256('never was') });
    expect(await store.findSession(sha256('new'), SOON, LONG_AGO)).toEqual(ANNA);
  });

  test('takes the expired ones away when it begins', async () => {
    const { stateDir, store } = await newStore();
    await store.openSession({ ...SESSION, expiresAt: SOON });
    await store.openSession({ ...SESSION, hash: sha256('new'), at: SOON });
    expect(query(stateDir, 'select count(*) as count from sessions')).toEqual([{ count: 1 }]);
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test('outlives the process that opened it', async () => {
    const { stateDir, store } = await newStore();
    await store.openSession(SESSION);
    await store.close();
    expect(await (await open(stateDir)).findSession(sha256('session'), SOON, LONG_AGO)).toEqual(ANNA);
  });
});

test('a session ends when the configuration changes: who may sign in, and as what, stands there', async () => {
  const { store } = await newStore();
  await store.noteInputs({ configuration: 'c1', rules: 'r1' }, AT);
  await store.openSession(SESSION);
  const isKnown = async (): Promise<boolean> => (await store.findSession(SESSION.hash, AT, AT)) !== undefined;
  await store.noteInputs({ configuration: 'c1', rules: 'r2' }, AT);
  expect(await isKnown()).toBe(true);
  await store.noteInputs({ configuration: 'c2', rules: 'r2' }, AT);
  expect(await isKnown()).toBe(false);
  expect((await store.verifyAudit()).kind).toBe('intact');
});

describe('a token for the JSON API', () => {
  test('is known by its hash, until it expires or is removed', async () => {
    const { store } = await newStore();
    await store.addApiToken(TOKEN);
    const principal = {
      id: 'api-token:ci',
      name: 'ci',
      how: 'api-token',
      grants: [{ role: 'viewer', servers: ['*'] }],
    };
    expect(await store.findApiToken(sha256('token'), SOON)).toEqual(principal);
    expect(await store.findApiToken(sha256('other'), SOON)).toBeUndefined();
    expect(await store.findApiToken(sha256('token'), LATER)).toBeUndefined();
    expect(await store.listApiTokens()).toEqual([
      { name: 'ci', principal, addedAt: AT, addedBy: 'alice (terminal)', expiresAt: LATER },
    ]);
    await store.removeApiToken('ci', SOON, 'alice (terminal)');
    expect(await store.findApiToken(sha256('token'), SOON)).toBeUndefined();
    expect(await store.listApiTokens()).toEqual([]);
    const entries = await store.auditEntries({ from: 1, limit: 10 });
    expect(entries.map(({ type }) => type)).toEqual(['api-token-added', 'api-token-removed']);
  });

  test('has a name that no other has, and that can be given again', async () => {
    const { store } = await newStore();
    await store.addApiToken(TOKEN);
    expect(await codeOf(store.addApiToken({ ...TOKEN, hash: sha256('other') }))).toBe('API_TOKEN_EXISTS');
    await store.removeApiToken('ci', SOON, 'x');
    expect(await codeOf(store.removeApiToken('ci', SOON, 'x'))).toBe('NOT_FOUND');
    await store.addApiToken({ ...TOKEN, hash: sha256('other') });
    expect(await store.findApiToken(sha256('other'), SOON)).toMatchObject({ name: 'ci' });
    expect(await store.findApiToken(sha256('token'), SOON)).toBeUndefined();
  });
});

describe('a row that lets somebody in counts only with its entry in the log', () => {
  const admin = `'[{"role":"admin","servers":["*"]}]'`;
  test.each([
    ['a session with more rights', `update sessions set grants = ${admin}`],
    ['a session of somebody else', `update sessions set principal = 'oidc:https://id.example#2', name = 'Ben'`],
    ['a session that lasts longer', `update sessions set expires_at = '2099-01-01T00:00:00.000Z'`],
    ['a session with a secret that the attacker knows', `update sessions set session_hash = '${sha256('mine')}'`],
    [
      'a session made up',
      `insert into sessions select tenant, '${sha256('mine')}', principal, name, how, ${admin}, started_at, last_used_at, expires_at, 99 from sessions`,
    ],
  ])('%s', async (_, statement) => {
    const { stateDir, store } = await newStore();
    await store.openSession(SESSION);
    tamper(stateDir, statement);
    const hash = statement.includes(sha256('mine')) ? sha256('mine') : sha256('session');
    expect(await codeOf(store.findSession(hash, SOON, LONG_AGO))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('a session that was ended, put back', async () => {
    const { stateDir, store } = await newStore();
    await store.openSession(SESSION);
    tamper(stateDir, 'create table kept as select * from sessions');
    await store.endSession(sha256('session'), SOON);
    tamper(stateDir, 'insert into sessions select * from kept', 'drop table kept');
    expect(await codeOf(store.findSession(sha256('session'), SOON, LONG_AGO))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test.each([
    ['a token with more rights', `update api_tokens set grants = ${admin}`],
    ['a token with a secret that the attacker knows', `update api_tokens set token_hash = '${sha256('mine')}'`],
    ['a token that lasts longer', `update api_tokens set expires_at = '2099-01-01T00:00:00.000Z'`],
    [
      'a token made up',
      `insert into api_tokens select tenant, 'mine', '${sha256('mine')}', ${admin}, added_at, added_by, expires_at, 99 from api_tokens`,
    ],
  ])('%s', async (_, statement) => {
    const { stateDir, store } = await newStore();
    await store.addApiToken(TOKEN);
    tamper(stateDir, statement);
    const hash = statement.includes(sha256('mine')) ? sha256('mine') : sha256('token');
    expect(await codeOf(store.findApiToken(hash, SOON))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.listApiTokens())).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('a token that was removed, put back', async () => {
    const { stateDir, store } = await newStore();
    await store.addApiToken(TOKEN);
    tamper(stateDir, 'create table kept as select * from api_tokens');
    await store.removeApiToken('ci', SOON, 'x');
    tamper(stateDir, 'insert into api_tokens select * from kept', 'drop table kept');
    expect(await codeOf(store.findApiToken(sha256('token'), SOON))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });
});

describe('that a person looked at a change', () => {
  test('is noted once, for that change and that person', async () => {
    const { stateDir, store } = await newStore();
    const request = await recordOpen(store, { forecast: 'sunny' });
    const opened = { request: 1, digest: request.digest, person: 'oidc:x#1', at: AT };
    await store.noteOpened(opened);
    await store.noteOpened({ ...opened, at: SOON });
    expect(await store.findOpened('oidc:x#1', [1, 2])).toEqual(new Set([request.digest]));
    expect(await store.findOpened('oidc:x#2', [1])).toEqual(new Set());
    expect(await store.findOpened('oidc:x#1', [2])).toEqual(new Set());
    expect(await store.findOpened('oidc:x#1', [])).toEqual(new Set());
    expect(query(stateDir, 'select opened_at from openings')).toEqual([{ opened_at: AT }]);
  });

  test('is not noted of a request that is not there', async () => {
    const { store } = await newStore();
    expect(await codeOf(store.noteOpened({ request: 7, digest: 'x', person: 'p', at: AT }))).toBe('NOT_FOUND');
  });
});

describe('a comment', () => {
  const comment = { request: 1, actor: ALICE, at: AT, text: 'asked the vendor,\n"they" say yes \u{1f44d}' };

  test('is kept with its entry in the log, in the order of writing', async () => {
    const { store } = await newStore();
    await recordOpen(store, { forecast: 'sunny' });
    await store.addComment(comment);
    await store.addComment({ ...comment, at: SOON, text: 'second' });
    expect(await store.listComments(1)).toEqual([
      { by: 'alice (terminal)', at: AT, text: 'asked the vendor,\n"they" say yes \u{1f44d}' },
      { by: 'alice (terminal)', at: SOON, text: 'second' },
    ]);
    expect(await store.listComments(2)).toEqual([]);
    const [entry] = await store.auditEntries({ from: 2, limit: 1 });
    expect(entry).toMatchObject({ type: 'comment', actor: 'alice (terminal)', details: { request: 1 } });
  });

  test('may be written on a request that was settled, and on none that is not there', async () => {
    const { store } = await newStore();
    await settle(store, await recordOpen(store, { forecast: 'sunny' }));
    await store.addComment(comment);
    expect(await store.listComments(1)).toHaveLength(1);
    expect(await codeOf(store.addComment({ ...comment, request: 2 }))).toBe('NOT_FOUND');
  });

  test.each([
    ['edited', `update comments set text = 'looks fine'`],
    ['by somebody else', `update comments set written_by = 'bob (oidc)'`],
    ['on another request', `update comments set request = 2`],
    ['made up', `insert into comments select tenant, request, 99, 'bob (oidc)', written_at, text from comments`],
  ])('that nobody wrote is not shown: %s', async (_, statement) => {
    const { stateDir, store } = await newStore();
    await settle(store, await recordOpen(store, { forecast: 'sunny' }));
    await recordOpen(store, { forecast: 'rainy' });
    await store.addComment(comment);
    tamper(stateDir, statement);
    const shown = statement.includes('request = 2') ? 2 : 1;
    expect(await codeOf(store.listComments(shown))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });
});
