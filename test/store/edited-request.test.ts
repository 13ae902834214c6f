import { describe, expect, test } from 'vitest';

import type { RequestedChange } from '../../src/model/change-request.js';
import {
  approvedStore,
  approvedVersions,
  codeOf,
  type Opened,
  query,
  record,
  recordOpen,
  refOf,
  requestFor,
  SERVER,
  settle,
  tamper,
  VANTAGE,
  versionOf,
} from './fixture.js';

/** What a server that turned against its users would be reported for. */
function poisoned(): RequestedChange {
  return {
    ...requestFor({ forecast: 'stormy' }),
    urgency: 'critical',
    changes: [
      {
        kind: 'changed',
        ref: { server: SERVER, kind: 'tool', name: 'forecast' },
        refText: refOf('forecast'),
        before: versionOf('sunny'),
        after: versionOf('stormy'),
        edits: [{ pointer: '/description', before: 'sunny', after: 'stormy' }],
        class: 'instruction',
        urgency: 'critical',
        because: 'text that directs the model was added',
      },
    ],
    findings: [
      {
        rule: 'directs-the-model',
        refText: refOf('forecast'),
        version: versionOf('stormy'),
        pointer: '/description',
        excerpt: 'stormy',
        severity: 'critical',
        confidence: 'high',
        message: 'directs the model',
        blocks: false,
        means: 'instruction',
        remediation: 'ask',
      },
    ],
  };
}

/** A store in which a change waits that a person should reject. */
async function waiting(): Promise<Opened> {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
  await recordOpen(store, { forecast: 'stormy' }, { requested: poisoned() });
  return { stateDir, store };
}

describe('somebody who can write to the database but has no key', () => {
  test.each([
    ['makes a change look less urgent', `update requests set urgency = 'info' where id = 2`],
    ['takes the findings away', `update requests set body = json_set(body, '$.findings', json('[]')) where id = 2`],
    [
      'shows a harmless difference',
      `update requests set body = replace(body, '"after":"stormy"', '"after":"sunny!"') where id = 2`,
    ],
    ['calls it something else', `update requests set body = replace(body, 'instruction', 'wording') where id = 2`],
    ['says that it is a review', `update requests set review = '["weather/tool/forecast"]' where id = 2`],
    ['says that nothing vouches for it', `update requests set told_digest = null, texts_digest = null where id = 2`],
    ['opens a request that was approved', `update requests set state = 'open' where id = 1`],
  ])('%s: nobody sees it, and nobody can approve it', async (_, statement) => {
    const { stateDir, store } = await waiting();
    tamper(stateDir, statement);
    const id = statement.endsWith('id = 1') ? 1 : 2;
    const [row] = query(stateDir, `select digest from requests where id = ${id}`);
    const approving = store.settle({
      request: id,
      expectedDigest: String(row!['digest']),
      decision: 'approve',
      actor: { kind: 'person', name: 'alice', how: 'terminal' },
      at: '2026-11-22T10:00:00.000Z',
      persons: 1,
    });
    expect(await codeOf(approving)).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.getRequest(id))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.listRequests({}))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.listRequests({ states: ['open'] }))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test.each([
    ['the new text', versionOf('stormy')],
    ['the text that it is compared with', versionOf('sunny')],
  ])('shows %s in another form: nobody can approve it', async (_, version) => {
    const { stateDir, store } = await waiting();
    const [request] = await store.listRequests({ states: ['open'] });
    tamper(stateDir, `update versions set content = '{"description":"fine"}' where version = '${version}'`);
    expect(await codeOf(settle(store, request!))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.getRequest(2))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test.each([
    ['withdrawn', `update requests set state = 'withdrawn' where id = 2`],
    ['approved', `update requests set state = 'approved' where id = 2`],
    ['gone', `delete from requests where id = 2`],
  ])('hides a change that waits: it is %s', async (_, statement) => {
    const { stateDir, store } = await waiting();
    tamper(stateDir, statement);
    expect(await codeOf(store.listRequests({ states: ['open'] }))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.loadStanding(SERVER, VANTAGE))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test.each([
    ['approved by somebody else', `update requests set settled_by = 'bob (oidc)' where id = 1`],
    ['rejected instead of approved', `update requests set state = 'rejected' where id = 1`],
    ['gone', `delete from requests where id = 1`],
  ])('rewrites what was decided: it is %s, and verifying says so', async (_, statement) => {
    const { stateDir, store } = await waiting();
    tamper(stateDir, statement);
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('marks a request as one that flaps, so that nothing is written of it any more', async () => {
    const { stateDir, store } = await waiting();
    tamper(stateDir, `update requests set flapping = 1 where id = 2`);
    expect(await codeOf(store.getRequest(2))).toBe('AUDIT_BROKEN');
  });

  test('shows what was told before the findings grew', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    const harmless = { ...poisoned(), urgency: 'low' as const, findings: [] };
    await recordOpen(store, { forecast: 'stormy' }, { requested: harmless });
    tamper(stateDir, 'create table kept as select * from requests where id = 2');
    const keep = { surface: { forecast: 'stormy' }, transition: { kind: 'keep', request: 2 } } as const;
    await record(store, { ...keep, requested: poisoned() });
    expect(await store.getRequest(2)).toMatchObject({ urgency: 'critical' });
    tamper(stateDir, 'delete from requests where id = 2', 'insert into requests select * from kept', 'drop table kept');
    expect(await codeOf(store.getRequest(2))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('shows what was told in between', async () => {
    const { stateDir, store } = await waiting();
    const keep = { surface: { forecast: 'stormy' }, transition: { kind: 'keep', request: 2 } } as const;
    await record(store, { ...keep, requested: { ...poisoned(), urgency: 'low' } });
    tamper(stateDir, 'create table kept as select * from requests where id = 2');
    await record(store, { ...keep, requested: poisoned() });
    tamper(stateDir, 'delete from requests where id = 2', 'insert into requests select * from kept', 'drop table kept');
    expect(await codeOf(store.getRequest(2))).toBe('AUDIT_BROKEN');
  });
});

describe('what is told of a request', () => {
  const keep = { surface: { forecast: 'stormy' }, transition: { kind: 'keep', request: 2 } } as const;

  test('is written to the log again only where it differs', async () => {
    const { store } = await waiting();
    const before = await store.verifyAudit();
    await record(store, { ...keep, requested: poisoned() });
    await record(store, { ...keep, requested: poisoned() });
    expect(await store.verifyAudit()).toEqual(before);
    await record(store, { ...keep, requested: { ...poisoned(), findings: [] } });
    const entries = await store.searchAudit({ types: ['request-told-anew'], limit: 10 });
    expect(entries).toMatchObject([{ actor: 'sealwatch', details: { request: 2 } }]);
    expect((await store.getRequest(2))?.findings).toEqual([]);
  });

  test('may go there and back, and is approved as it is told last', async () => {
    const { store } = await waiting();
    await record(store, { ...keep, requested: { ...poisoned(), urgency: 'low' } });
    const kept = await record(store, { ...keep, requested: poisoned() });
    expect((await store.getRequest(2))?.urgency).toBe('critical');
    await settle(store, kept!);
    expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('stormy') });
    expect((await store.verifyAudit()).kind).toBe('intact');
  });

  test('is told anew when the server shows it again', async () => {
    const { store } = await waiting();
    await record(store, { surface: { forecast: 'sunny' }, transition: { kind: 'withdraw', request: 2 } });
    const again = { ...poisoned(), urgency: 'low' as const };
    const reopened = await record(store, {
      surface: { forecast: 'stormy' },
      requested: again,
      transition: { kind: 'reopen', request: 2, supersedes: undefined },
    });
    expect(reopened).toMatchObject({ id: 2, urgency: 'low', flapping: true });
    expect(await store.getRequest(2)).toMatchObject({ urgency: 'low' });
    await record(store, { surface: { forecast: 'sunny' }, transition: { kind: 'withdraw', request: 2 } });
    expect(await store.listRequests({ states: ['open'] })).toEqual([]);
    expect((await store.verifyAudit()).kind).toBe('intact');
  });
});
