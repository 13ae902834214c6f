import { expect, test } from 'vitest';

import { parseServerId } from '../../src/model/server-id.js';
import type { Store } from '../../src/ports.js';
import { ALICE, AT, newStore, type Opened, recordOpen, refOf, settle, tamper, versionOf } from './fixture.js';

const MONDAY = '2026-11-23T10:00:00.000Z';
const TUESDAY = '2026-11-24T10:00:00.000Z';
const NEVER = '2027-12-01T00:00:00.000Z';

/** Positions 0 to 8: created, opened, approved, approval, comment, waiver, configuration and rules, refusal. */
async function busyStore(): Promise<Opened> {
  const { stateDir, store } = await newStore();
  await settle(store, await recordOpen(store, { forecast: 'sunny' }), { comment: '100 % "sure"' });
  await store.addComment({ request: 1, actor: ALICE, at: MONDAY, text: 'a_b\\c\nÉté' });
  const waiver = { rule: 'r', refText: refOf('forecast'), version: versionOf('sunny'), reason: 'x', by: '' };
  await store.addWaiver({ ...waiver, expiresAt: NEVER }, { kind: 'person', name: 'bob', how: 'token' }, MONDAY);
  await store.noteInputs({ configuration: 'c', rules: 'r' }, TUESDAY);
  await store.recordRefusal({ request: undefined, code: 'APPROVAL_REFUSED', actor: 'link issued to x', at: TUESDAY });
  return { stateDir, store };
}

test.each([
  ['everything', {}, [8, 7, 6, 5, 4, 3, 2, 1, 0]],
  ['what is of some types', { types: ['approval', 'waiver'] }, [5, 3]],
  ['what is of no type', { types: [] }, []],
  ['what an actor did', { text: 'bob' }, [5]],
  ['what an actor did, in other letters', { text: 'ALICE (terminal)' }, [4, 3, 2]],
  ['what stands in the details', { text: 'APPROVAL_REFUSED' }, [8]],
  ['a quotation mark, which JSON writes as an escape', { text: '"sure"' }, [2]],
  ['a line feed and a backslash', { text: 'b\\c\nÉ' }, [4]],
  ['a percent sign, which is no wildcard', { text: '%' }, [2]],
  ['an underscore, which is no wildcard', { text: 'a_b' }, [4]],
  ['a wildcard in a word that is there', { text: 'b_b' }, []],
  ['an attack on the query', { text: `' or 1=1 --` }, []],
  ['an empty text, like none', { text: '', types: ['approval'] }, [3]],
  ['what happened since', { since: TUESDAY }, [8, 7, 6]],
  ['what happened before', { until: MONDAY, types: ['approval', 'waiver', 'comment'] }, [3]],
  ['what is older than an entry', { before: 3 }, [2, 1, 0]],
  ['only so many, the newest', { limit: 2 }, [8, 7]],
  ['what concerns a server', { server: parseServerId('weather') }, [5, 4, 3, 2, 1]],
  ['what concerns a server, only so many', { server: parseServerId('weather'), limit: 2 }, [5, 4]],
  ['what concerns a server, from an entry on', { server: parseServerId('weather'), before: 4, limit: 2 }, [3, 2]],
  ['what concerns a server that is only the beginning of another', { server: parseServerId('weath') }, []],
  ['all at once', { server: parseServerId('weather'), types: ['waiver'], text: 'BOB', since: MONDAY }, [5]],
] as const)('finds %s', async (_, filter, positions) => {
  const { store } = await busyStore();
  const found = await store.searchAudit({ limit: 100, ...filter });
  expect(found.map(({ index }) => index)).toEqual(positions);
});

test('goes through a long log page by page, also where few entries are about the server', async () => {
  const { store } = await busyStore();
  for (let entry = 0; entry < 600; entry++)
    await store.recordRefusal({ request: undefined, code: 'APPROVAL_STALE', actor: 'x', at: TUESDAY });
  const pages = await pageThrough(store, 2);
  expect(pages).toEqual([[5, 4], [3, 2], [1], []]);
});

test('an entry whose content was erased is found by what is left of it', async () => {
  const { stateDir, store } = await busyStore();
  tamper(stateDir, `update audit_entries set details = null, salt = null where type = 'comment'`);
  expect(await store.searchAudit({ types: ['comment'], limit: 1 })).toEqual([
    { index: 4, at: MONDAY, type: 'comment', actor: 'alice (terminal)', details: undefined },
  ]);
  expect(await store.searchAudit({ text: 'a_b', limit: 1 })).toEqual([]);
  expect((await store.searchAudit({ server: parseServerId('weather'), limit: 9 })).map(({ index }) => index)).toEqual([
    5, 3, 2, 1,
  ]);
});

async function pageThrough(store: Store, limit: number): Promise<readonly (readonly number[])[]> {
  const pages: number[][] = [];
  for (let before: number | undefined; ; ) {
    const filter = { server: parseServerId('weather'), limit, ...(before === undefined ? {} : { before }) };
    const page = (await store.searchAudit(filter)).map(({ index }) => index);
    pages.push(page);
    before = page.at(-1);
    if (before === undefined) return pages;
  }
}

test('the time of an entry is the one that was given', async () => {
  const { store } = await busyStore();
  const [entry] = await store.searchAudit({ types: ['request-opened'], limit: 1 });
  expect(entry?.at).toBe(AT);
});
