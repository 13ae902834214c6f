import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { parseServerId } from '../../src/model/server-id.js';
import type { AuditVerdict } from '../../src/model/audit.js';
import { createStore, openStore } from '../../src/store/open-store.js';
import {
  ALICE,
  approvedStore,
  approvedVersions,
  AT,
  clock,
  codeOf,
  newStore,
  open,
  type Opened,
  query,
  random,
  recordOpen,
  refOf,
  SERVER,
  settle,
  sha256,
  tamper,
  temporaryStateDir,
  VANTAGE,
  versionOf,
} from './fixture.js';

const LATER = '2026-12-01T00:00:00.000Z';

/** Holds one record of every kind that grants something, one approval that was revoked and one that was replaced. */
async function fullStore(): Promise<Opened> {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny', alerts: 'red' });
  await store.revoke([refOf('alerts')], ALICE, AT, 'not needed');
  await settle(store, await recordOpen(store, { forecast: 'rainy' }));
  await store.addWaiver(
    {
      rule: 'r',
      refText: refOf('forecast'),
      version: versionOf('rainy'),
      reason: 'harmless',
      by: '',
      expiresAt: LATER,
    },
    ALICE,
    AT,
  );
  const open = await recordOpen(store, { forecast: 'stormy' });
  await store.issueLink({
    hash: sha256('link'),
    request: open.id,
    digest: open.digest,
    recipient: 'bob@example.com',
    issuedAt: AT,
    expiresAt: LATER,
  });
  const hashes = { tokenHash: sha256('token'), codeHash: sha256('code'), codeExpiresAt: LATER };
  await store.addApprover({ name: 'bob', ...hashes, at: AT, by: 'alice (terminal)' });
  await store.addApprover({
    name: 'eve',
    tokenHash: sha256('e'),
    codeHash: sha256('f'),
    codeExpiresAt: LATER,
    at: AT,
    by: 'a',
  });
  await store.removeApprover('eve', AT, 'alice (terminal)');
  await store.enrolBrowser({ codeHash: sha256('code'), sessionHash: sha256('session'), at: AT, expiresAt: LATER });
  return { stateDir, store };
}

async function verdictOf(stateDir: string, checkpoint?: string): Promise<AuditVerdict> {
  const store = await openStore(stateDir, { clock, random, readOnly: true });
  const verdict = await store.verifyAudit(checkpoint);
  await store.close();
  return verdict;
}

/** The code with which a service that opens the store and asks what is approved is stopped. */
async function codeOfUse(stateDir: string): Promise<unknown> {
  return codeOf(
    openStore(stateDir, { clock, random }).then(async (store) => {
      try {
        await store.loadStanding(SERVER, VANTAGE);
      } finally {
        await store.close();
      }
    }),
  );
}

test('an untouched log is intact, and says what to keep elsewhere', async () => {
  const { stateDir, store } = await fullStore();
  const verdict = await store.verifyAudit();
  expect(verdict).toMatchObject({ kind: 'intact', size: 17 });
  if (verdict.kind !== 'intact') return;
  const [origin, size, root, blank, signature] = verdict.checkpoint.split('\n');
  expect(origin).toMatch(/^sealwatch\/[0-9a-f]{32}$/);
  expect([size, root, blank]).toEqual(['17', verdict.rootHash, '']);
  expect(signature).toMatch(/^— sealwatch\/[0-9a-f]{32} [A-Za-z0-9+/]+=*$/);
  expect(await verdictOf(stateDir, verdict.checkpoint)).toEqual(verdict);
});

test('an older checkpoint is a prefix of the log that grew', async () => {
  const { stateDir, store } = await newStore();
  const before = await store.verifyAudit();
  await settle(store, await recordOpen(store, { forecast: 'sunny' }));
  expect(await verdictOf(stateDir, before.kind === 'intact' ? before.checkpoint : '')).toMatchObject({
    kind: 'intact',
  });
});

test('a checkpoint of another store is not accepted, and a text that is none is an error', async () => {
  const { stateDir, store } = await newStore();
  const other = await (await newStore()).store.verifyAudit();
  expect(await verdictOf(stateDir, other.kind === 'intact' ? other.checkpoint : '')).toEqual({
    kind: 'broken',
    problems: ['the given checkpoint is of another log'],
  });
  for (const text of ['', 'hello', 'a\nb\nc\n'])
    expect(await codeOf(store.verifyAudit(text))).toBe('CHECKPOINT_INVALID');
});

test('erased details leave the log intact', async () => {
  const { stateDir } = await fullStore();
  tamper(
    stateDir,
    `update audit_entries set details = null, salt = null where type in ('revoked', 'approval-refused', 'request-approved')`,
  );
  expect(await verdictOf(stateDir)).toMatchObject({ kind: 'intact' });
  expect(await codeOfUse(stateDir)).toBe('no error');
});

describe('what a plain SQL client did to the log is named', () => {
  const lastLeaf = '(select max(position) from audit_entries)';
  test.each([
    [
      'an entry edited',
      `update audit_entries set actor = 'mallory (terminal)' where position = 2`,
      'entry 2 (request-approved) was edited or moved',
    ],
    [
      'details edited',
      `update audit_entries set details = replace(details, 'sunny', 'x') || ' ' where position = 3`,
      'the details of entry 3 (approval) were edited',
    ],
    ['an entry deleted', `delete from audit_entries where position = 4`, 'entry 4 is missing'],
    ['several deleted', `delete from audit_entries where position in (4, 5)`, 'entries 4 to 5 are missing'],
    [
      'two swapped',
      `update audit_entries set position = -1 where position = 3; update audit_entries set position = 3 where position = 4; update audit_entries set position = 4 where position = -1`,
      'entry 3 (approval) was edited or moved',
    ],
    [
      'an entry closed up after a deletion',
      `delete from audit_entries where position = 4; update audit_entries set position = position - 1 where position = 5`,
      'entry 4 (revoked) was edited or moved',
    ],
    [
      'the end cut',
      `delete from audit_entries where position >= 15`,
      'the log was rolled back or cut at the end: the checkpoint in the database saw 17 entries, there are 15',
    ],
    [
      'an entry added',
      `insert into audit_entries select tenant, position + 1, at, type, actor, digest, ends, leaf_hash, details, salt from audit_entries where position = ${lastLeaf}`,
      'entries from 17 on stand under no signed checkpoint',
    ],
    [
      'an ending erased',
      `update audit_entries set ends = null where type = 'approval-ended'`,
      'entry 6 (approval-ended) was edited or moved',
    ],
    [
      'the checkpoint edited',
      `update audit_heads set checkpoint = replace(checkpoint, char(10) || '17' || char(10), char(10) || '16' || char(10)), size = 16`,
      'the checkpoint in the database has a bad signature',
    ],
    ['the checkpoint removed', `delete from audit_heads`, 'the database has no signed checkpoint of the log'],
    [
      'the checkpoint replaced by a text',
      `update audit_heads set checkpoint = 'x'`,
      'the checkpoint in the database is no checkpoint',
    ],
  ])('%s', async (_, statements, problem) => {
    const { stateDir, store } = await fullStore();
    await store.close();
    tamper(stateDir, statements);
    const verdict = await verdictOf(stateDir);
    expect(verdict.kind === 'broken' ? verdict.problems : []).toContain(problem);
    expect(await codeOfUse(stateDir)).toBe('AUDIT_BROKEN');
  });

  test('an entry edited together with its hash', async () => {
    const { stateDir, store } = await fullStore();
    await store.close();
    // The attacker recomputes everything that needs no key: the leaf is RFC 6962's hash of the entry's JSON.
    const [row] = query(stateDir, 'select at, digest from audit_entries where position = 2');
    const leaf = JSON.stringify({
      index: 2,
      at: row!['at'],
      type: 'request-approved',
      actor: 'mallory',
      digest: row!['digest'],
    });
    tamper(
      stateDir,
      `update audit_entries set actor = 'mallory', leaf_hash = '${sha256(`\u0000${leaf}`)}' where position = 2`,
    );
    const verdict = await verdictOf(stateDir);
    expect(verdict.kind === 'broken' ? verdict.problems : []).toContain(
      'the first 17 entries are not those that the checkpoint in the database was signed for',
    );
    expect(await codeOfUse(stateDir)).toBe('AUDIT_BROKEN');
  });

  test('an older database put back is noticed by the checkpoints file', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const database = join(stateDir, 'sealwatch.db');
    copyFileSync(database, `${database}.old`);
    const again = await open(stateDir);
    await again.revoke([refOf('forecast')], ALICE, AT, 'poisoned');
    await again.close();
    copyFileSync(`${database}.old`, database);
    expect(await codeOfUse(stateDir)).toBe('AUDIT_BROKEN');
    const verdict = await verdictOf(stateDir);
    expect(verdict.kind === 'broken' ? verdict.problems : []).toEqual([
      'the log was rolled back or cut at the end: checkpoint 4 of the `checkpoints` file saw 6 entries, there are 4',
    ]);
  });

  test('a log that was cut and went on differently, under a good signature, is noticed by the checkpoints file', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const database = join(stateDir, 'sealwatch.db');
    const checkpoints = join(stateDir, 'checkpoints');
    copyFileSync(database, `${database}.old`);
    const again = await open(stateDir);
    await again.revoke([refOf('forecast')], ALICE, AT, 'poisoned');
    await again.close();
    const published = readFileSync(checkpoints);
    copyFileSync(`${database}.old`, database);
    writeFileSync(checkpoints, '');
    const forked = await open(stateDir);
    for (let entry = 0; entry < 5; entry++)
      await forked.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
    await forked.close();
    writeFileSync(checkpoints, published);
    expect(await codeOfUse(stateDir)).toBe('AUDIT_BROKEN');
    expect((await verdictOf(stateDir)).kind).toBe('broken');
  });

  test('a store that goes back while a process has it open is noticed by that process', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.loadStanding(SERVER, VANTAGE);
    const [before] = query(stateDir, 'select * from audit_heads');
    await store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
    tamper(
      stateDir,
      `delete from audit_entries where position = 4`,
      `update audit_heads set size = ${before!['size']!}, checkpoint = '${before!['checkpoint']!}'`,
    );
    expect(await codeOf(store.loadStanding(SERVER, VANTAGE))).toBe('AUDIT_BROKEN');
  });

  test('nothing is written on top of a forged log', async () => {
    const { stateDir } = await fullStore();
    tamper(stateDir, `update audit_entries set actor = 'mallory' where position = 2`);
    const store = await open(stateDir);
    expect(await codeOf(store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT }))).toBe(
      'AUDIT_BROKEN',
    );
    expect(query(stateDir, 'select max(position) as last from audit_entries')).toEqual([{ last: 16 }]);
  });
});

describe('a row that grants something counts only with its entry in the log', () => {
  const copyApproval = (changes: string): string =>
    `insert into approvals select tenant, 99, server, vantage, ${changes}, approved_by, approved_at, request, leaf + 1000, null, null
     from approvals where id = 1`;
  test.each([
    ['an approval made up', copyApproval(`'weather/tool/forged', version, provenance, content_digest`)],
    [
      'an approval of another version',
      `update approvals set version = '${versionOf('sunny')}', content_digest = '${sha256('{"description":"sunny"}')}' where id = 3`,
    ],
    ['an approval of another definition', `update approvals set ref_text = 'weather/tool/other' where id = 3`],
    ['an approval by somebody else', `update approvals set approved_by = 'mallory (terminal)' where id = 3`],
    ['an approval for another provenance', `update approvals set provenance = 'v1:sha256:00' where id = 3`],
    [
      'an approval that was revoked, without its end',
      `update approvals set ended_at = null, ended_by = null where id = 2`,
    ],
    [
      'an approval that was replaced, put back',
      `update approvals set ended_at = null, ended_by = null where id = 1; update approvals set ended_at = '${AT}' where id = 3`,
    ],
    ['an approval that was ended by hand', `update approvals set ended_at = '${AT}', ended_by = 'x' where id = 3`],
    ['an approval that was removed', `delete from approvals where id = 3`],
    [
      'the approved text',
      `update versions set content = '{"description":"sunny"}' where version = '${versionOf('rainy')}'`,
    ],
    [
      'an approval whose entry was erased',
      `update audit_entries set details = null, salt = null where position = (select leaf from approvals where id = 3)`,
    ],
    [
      'a waiver made up',
      `insert into waivers select tenant, 2, server, 'other', ref_text, version, reason, waived_by, waived_at, expires_at, leaf from waivers`,
    ],
    ['a waiver that lasts longer', `update waivers set expires_at = '2099-01-01T00:00:00.000Z'`],
  ])('%s', async (_, statements) => {
    const { stateDir } = await fullStore();
    tamper(stateDir, statements);
    const store = await open(stateDir);
    expect(await codeOf(store.loadStanding(SERVER, VANTAGE))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('a forged row is refused by a process that knew the store before', async () => {
    const { stateDir, store } = await fullStore();
    await store.loadStanding(SERVER, VANTAGE);
    tamper(stateDir, `update approvals set ended_at = null, ended_by = null where id = 2`);
    expect(await codeOf(store.loadStanding(SERVER, VANTAGE))).toBe('AUDIT_BROKEN');
  });

  test('a request whose target was edited cannot be approved', async () => {
    const { stateDir, store } = await fullStore();
    const [request] = await store.listRequests({ states: ['open'] });
    tamper(
      stateDir,
      `update requests set target = replace(target, '${versionOf('stormy')}', '${versionOf('sunny')}') where state = 'open'`,
    );
    expect(await codeOf(settle(store, request!))).toBe('AUDIT_BROKEN');
    expect(await codeOf(store.listRequests({ states: ['open'] }))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test.each([
    [
      'a token',
      `update approvers set token_hash = '${sha256('mine')}'`,
      (hash: string) => (store: Opened['store']) => store.findApproverByToken(hash),
    ],
    [
      'a removed approver put back',
      `insert into approvers select tenant, 'eve', '${sha256('mine')}', 'x', '${LATER}', null, '${AT}', 'a', (select position from audit_entries where type = 'approver-removed') - 1 from tenants`,
      (hash: string) => (store: Opened['store']) => store.findApproverByToken(hash),
    ],
    [
      'a browser',
      `update browsers set session_hash = '${sha256('mine')}'`,
      (hash: string) => (store: Opened['store']) => store.findApproverBySession(hash, AT),
    ],
    [
      'a link',
      `update links set hash = '${sha256('mine')}'`,
      (hash: string) => (store: Opened['store']) => store.findLink(hash),
    ],
  ])('%s of an attacker is refused', async (_, statement, use) => {
    const { stateDir, store } = await fullStore();
    tamper(stateDir, statement);
    expect(await codeOf(use(sha256('mine'))(store))).toBe('AUDIT_BROKEN');
    expect((await store.verifyAudit()).kind).toBe('broken');
  });

  test('where approvals were erased from the log, nothing is taken for never approved', async () => {
    const { stateDir } = await fullStore();
    tamper(
      stateDir,
      `delete from approvals where id = 1`,
      `update audit_entries set details = null, salt = null where position = 3`,
    );
    const store = await open(stateDir);
    expect((await store.loadStanding(parseServerId('other'), VANTAGE)).baseline.isEmpty).toBe(false);
  });

  test('a server that nothing was approved for is empty', async () => {
    const { store } = await fullStore();
    expect((await store.loadStanding(parseServerId('other'), VANTAGE)).baseline.isEmpty).toBe(true);
  });
});

describe('the files beside the database', () => {
  test.each([
    ['the private key missing', 'audit.key', undefined, 'AUDIT_KEY_MISSING'],
    ['the private key damaged', 'audit.key', 'x', 'AUDIT_KEY_MISSING'],
    ['the public key missing', 'audit.pub', undefined, 'AUDIT_KEY_MISSING'],
    ['the public key damaged', 'audit.pub', 'x', 'AUDIT_KEY_MISSING'],
    ['the checkpoints missing', 'checkpoints', undefined, 'AUDIT_BROKEN'],
    ['the checkpoints emptied', 'checkpoints', '', 'no error'],
    ['the checkpoints with a torn end', 'checkpoints', 'sealwatch/00\n12\n', 'no error'],
  ] as const)('%s', async (_, name, text, code) => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const path = join(stateDir, name);
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    expect(await codeOfUse(stateDir)).toBe(code);
  });

  test('the keys of another store are refused', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const other = temporaryStateDir();
    await createStore(other, { clock, random });
    for (const name of ['audit.key', 'audit.pub']) copyFileSync(join(other, name), join(stateDir, name));
    expect(await codeOfUse(stateDir)).toBe('AUDIT_KEY_MISSING');
  });

  test('a checkpoint that somebody else signed is refused', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const path = join(stateDir, 'checkpoints');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n4\n', '\n2\n'));
    expect((await verdictOf(stateDir)).kind).toBe('broken');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n2\n', '\n3\n').split('\n\n').slice(-3).join('\n\n'));
    expect(await codeOfUse(stateDir)).toBe('AUDIT_BROKEN');
  });

  test('a file that a crash left behind the database is brought up to date', async () => {
    const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
    await store.close();
    const path = join(stateDir, 'checkpoints');
    const all = readFileSync(path, 'utf8');
    writeFileSync(path, all.slice(0, all.indexOf('\n4\n')));
    const again = await open(stateDir);
    expect(await approvedVersions(again)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
    expect(readFileSync(path, 'utf8')).toContain('\n4\n');
  });

  test('the checkpoints file does not grow without end', async () => {
    const { stateDir, store } = await newStore();
    for (let entry = 0; entry < 1_500; entry++)
      await store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
    const text = readFileSync(join(stateDir, 'checkpoints'), 'utf8');
    expect(text.length).toBeLessThan(300_000);
    expect(text).toContain('\n1\n');
    expect(text).toContain('\n1501\n');
    expect(await verdictOf(stateDir)).toMatchObject({ kind: 'intact', size: 1501 });
  });
});
