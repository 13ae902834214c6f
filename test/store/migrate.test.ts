import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { expect, test } from 'vitest';

import { openStore } from '../../src/store/open-store.js';
import { parseCheckpoint, signCheckpoint, verifierKey } from '../../src/store/checkpoint.js';
import {
  approvedVersions,
  AT,
  clock,
  codeOf,
  open,
  query,
  random,
  record,
  requestFor,
  SERVER,
  settle,
  sha256,
  tamper,
  temporaryStateDir,
  VANTAGE,
  versionOf,
} from './fixture.js';

/** A state directory as the first release wrote it. Its log is signed anew, so that no private key lies in the repository. */
function versionOne(): string {
  const stateDir = temporaryStateDir();
  mkdirSync(stateDir);
  const database = new Database(join(stateDir, 'sealwatch.db'));
  database.exec(readFileSync(join(import.meta.dirname, 'version-1.sql'), 'utf8'));
  const { checkpoint } = database.prepare('select checkpoint from audit_heads').get() as { checkpoint: string };
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const note = signCheckpoint(parseCheckpoint(checkpoint), privateKey, publicKey);
  database.prepare('update audit_heads set checkpoint = ?').run(note);
  database.close();
  const { origin } = parseCheckpoint(checkpoint);
  writeFileSync(join(stateDir, 'audit.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(stateDir, 'audit.pub'), verifierKey(origin, publicKey));
  writeFileSync(join(stateDir, 'checkpoints'), `\n${note}`);
  return stateDir;
}

test('a store of version 1 is brought to version 5 with everything that is in it', async () => {
  const stateDir = versionOne();
  const store = await open(stateDir);
  expect(query(stateDir, 'select version, name from migrations order by version')).toEqual([
    { version: 1, name: 'first' },
    { version: 2, name: 'people' },
    { version: 3, name: 'judgements' },
    { version: 4, name: 'sealed' },
    { version: 5, name: 'calls' },
  ]);
  expect(await store.verifyAudit()).toMatchObject({ kind: 'intact', size: 16 });
  expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('sunny') });
  expect(
    (await store.listRequests({})).map(({ id, state, review, endorsements }) => [id, state, review, endorsements]),
  ).toEqual([
    [1, 'approved', [], []],
    [2, 'rejected', [], []],
    [3, 'open', [], []],
  ]);
  expect((await store.loadStanding(SERVER, VANTAGE)).waivers).toMatchObject([{ rule: 'r', reason: 'harmless' }]);
  expect(await store.findLink(sha256('link'))).toMatchObject({ request: 3 });
  expect(await store.findApproverBySession(sha256('session'), AT)).toBe('bob');
  expect(await store.claimDeliveries(AT, AT, 10)).toMatchObject([
    { id: 1, inDigest: false, subject: { kind: 'change-request', request: 3 } },
  ]);
  await store.markDelivered(1, AT);
  expect(await store.firstTold([3])).toEqual(new Map([[3, '2026-11-22T10:00:00.000Z']]));
});

test('a request that was opened by version 1 is approved after the migration', async () => {
  const store = await open(versionOne());
  const request = await store.getRequest(3);
  expect((await settle(store, request!)).state).toBe('approved');
  expect(await approvedVersions(store)).toEqual({ 'weather/tool/forecast': versionOf('stormy') });
  expect((await store.verifyAudit()).kind).toBe('intact');
});

test('what is told anew of a request of version 1 is vouched for from then on', async () => {
  const stateDir = versionOne();
  const store = await open(stateDir);
  const requested = { ...requestFor({ forecast: 'stormy' }), urgency: 'critical' as const };
  await record(store, { surface: { forecast: 'stormy' }, requested, transition: { kind: 'keep', request: 3 } });
  expect(await store.getRequest(3)).toMatchObject({ urgency: 'critical' });
  tamper(stateDir, `update requests set urgency = 'info' where id = 3`);
  expect(await codeOf(store.getRequest(3))).toBe('AUDIT_BROKEN');
  tamper(stateDir, `update requests set told_leaf = null, told_at = null where id = 3`);
  expect(await codeOf(store.getRequest(3))).toBe('AUDIT_BROKEN');
});

test('a store of version 1 that is only to be read says what to do', async () => {
  const stateDir = versionOne();
  expect(await codeOf(openStore(stateDir, { clock, random, readOnly: true }))).toBe('STORE_READ_ONLY');
  expect(query(stateDir, 'select max(version) as version from migrations')).toEqual([{ version: 1 }]);
});

test('two processes that open a store of version 1 at once bring it up once', async () => {
  const stateDir = versionOne();
  const stores = await Promise.all([open(stateDir), open(stateDir), open(stateDir)]);
  for (const store of stores) expect((await store.verifyAudit()).kind).toBe('intact');
});
