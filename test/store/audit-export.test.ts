import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { parseCheckpoint, signCheckpoint, verifierKey } from '../../src/store/checkpoint.js';
import { verifyAuditExport } from '../../src/store/verify-audit-export.js';
import { ALICE, approvedStore, AT, newStore, refOf, sha256, tamper } from './fixture.js';

/** Seven entries: created, opened, approved, approval, revoked, ended, refused. */
async function exported(): Promise<{ readonly stateDir: string; readonly text: string }> {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
  await store.revoke([refOf('forecast')], ALICE, AT, 'poisoned \u{1f480} \u2028');
  await store.recordRefusal({ request: 1, code: 'APPROVAL_STALE', actor: 'x', at: AT });
  return { stateDir, text: await store.exportAudit() };
}

function problemsOf(text: string): readonly string[] {
  const verdict = verifyAuditExport(text);
  return verdict.kind === 'broken' ? verdict.problems : [];
}

/** Changes one entry of an exported log as somebody would who has no key. */
function edited(text: string, position: number, change: (entry: Record<string, unknown>) => void): string {
  const lines = text.split('\n');
  const entry = JSON.parse(lines[position + 1]!) as Record<string, unknown>;
  change(entry);
  lines[position + 1] = JSON.stringify(entry);
  return lines.join('\n');
}

test('an exported log is whole, without the store', async () => {
  const { stateDir, text } = await exported();
  const verdict = verifyAuditExport(text, { publicKey: readFileSync(join(stateDir, 'audit.pub'), 'utf8') });
  expect(verdict).toMatchObject({ kind: 'intact', size: 7 });
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(8);
  const [header, , , approved] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(Object.keys(header!)).toEqual(['format', 'origin', 'publicKey', 'checkpoint']);
  expect(header!['format']).toBe('sealwatch-audit/1');
  expect(header!['origin']).toMatch(/^sealwatch\/[0-9a-f]{32}$/);
  expect(approved).toMatchObject({
    position: 2,
    at: AT,
    type: 'request-approved',
    actor: 'alice (terminal)',
    ends: null,
  });
  expect(Object.keys(approved!)).toEqual(['position', 'at', 'type', 'actor', 'digest', 'ends', 'details', 'salt']);
});

test('its leaves follow from its lines alone, as RFC 6962 has it', async () => {
  const { stateDir, store } = await newStore();
  const [header, line] = (await store.exportAudit()).split('\n');
  const entry = JSON.parse(line!) as Record<string, string>;
  const salted = Buffer.concat([Buffer.from(entry['salt']!, 'hex'), Buffer.from(entry['details']!)]);
  expect(createHash('sha256').update(salted).digest('hex')).toBe(entry['digest']);
  const { at, type, actor, digest } = entry;
  const leaf = sha256(`\u0000${JSON.stringify({ index: 0, at, type, actor, digest })}`);
  const { checkpoint } = JSON.parse(header!) as { checkpoint: string };
  expect(Buffer.from(checkpoint.split('\n')[2]!, 'base64').toString('hex')).toBe(leaf);
  expect(stateDir).not.toBe('');
});

test('erased details leave it whole', async () => {
  const { text } = await exported();
  const erased = edited(text, 2, (entry) => {
    entry['details'] = null;
    entry['salt'] = null;
  });
  expect(verifyAuditExport(erased)).toMatchObject({ kind: 'intact', size: 7 });
});

test('line ends of another system leave it whole', async () => {
  const { text } = await exported();
  expect(verifyAuditExport(text.replaceAll('\n', '\r\n'))).toMatchObject({ kind: 'intact', size: 7 });
});

describe('what was done to an exported log is named', () => {
  test.each([
    [
      'an actor replaced',
      (text: string) => edited(text, 2, (entry) => (entry['actor'] = 'mallory (terminal)')),
      'the 7 entries are not those that the checkpoint was signed for',
    ],
    [
      'details edited',
      (text: string) => edited(text, 4, (entry) => (entry['details'] = '{}')),
      'the details of entry 4 ("revoked") were edited',
    ],
    [
      'details edited and digested anew',
      (text: string) =>
        edited(text, 4, (entry) => {
          entry['details'] = '{}';
          const salt = Buffer.from(String(entry['salt']), 'hex');
          entry['digest'] = createHash('sha256').update(salt).update('{}').digest('hex');
        }),
      'the 7 entries are not those that the checkpoint was signed for',
    ],
    [
      'an ending taken away',
      (text: string) => edited(text, 5, (entry) => (entry['ends'] = null)),
      'the 7 entries are not those that the checkpoint was signed for',
    ],
    [
      'an entry left out',
      (text: string) => text.split('\n').toSpliced(5, 1).join('\n'),
      'entry 4 is missing: 5 stands in its place',
    ],
    [
      'the end cut',
      (text: string) => text.split('\n').slice(0, 6).join('\n'),
      'the checkpoint is over 7 entries, there are 5',
    ],
    [
      'two entries swapped',
      (text: string) => {
        const lines = text.split('\n');
        return [...lines.slice(0, 3), lines[4]!, lines[3]!, ...lines.slice(5)].join('\n');
      },
      'entry 2 is missing: 3 stands in its place',
    ],
    ['a line that is none', (text: string) => `${text}hello\n`, 'line 9 is no entry of a log: "hello"'],
    ['a line that is a list', (text: string) => `${text}[]\n`, 'line 9 is no entry of a log: "[]"'],
    [
      'the signature replaced',
      (text: string) => text.replace(/(— \S+ )[A-Za-z0-9+/]{20}/, '$1AAAAAAAAAAAAAAAAAAAA'),
      'the checkpoint has a bad signature',
    ],
    [
      'the checkpoint taken away',
      (text: string) => text.replace(/"checkpoint":"[^"]*"/, '"checkpoint":""'),
      'not a checkpoint of an audit log: ""',
    ],
    [
      'the public key damaged',
      (text: string) => text.replace(/"publicKey":"[^"]*"/, '"publicKey":"x"'),
      'the public key is no verifier key: "x"',
    ],
    [
      'the format of another version',
      (text: string) => text.replace('sealwatch-audit/1', 'sealwatch-audit/9'),
      /^line 1 is not the beginning of an exported log \(sealwatch-audit\/1\): "/,
    ],
    ['nothing', () => '', 'line 1 is not the beginning of an exported log (sealwatch-audit/1): ""'],
    [
      'a page',
      () => '<!doctype html>\n',
      'line 1 is not the beginning of an exported log (sealwatch-audit/1): "<!doctype html>"',
    ],
  ] as const)('%s', async (_, change, problem) => {
    const { text } = await exported();
    const problems = problemsOf(change(text));
    expect(problems).toContainEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  test('made up as a whole, under a key of the forger’s: the key is not the one that was kept', async () => {
    const { stateDir, text } = await exported();
    const publicKey = readFileSync(join(stateDir, 'audit.pub'), 'utf8');
    const [header, ...lines] = text.split('\n');
    const { checkpoint, ...rest } = JSON.parse(header!) as { checkpoint: string; origin: string };
    const keys = generateKeyPairSync('ed25519');
    const forged = JSON.stringify({
      ...rest,
      publicKey: verifierKey(rest.origin, keys.publicKey),
      checkpoint: signCheckpoint(parseCheckpoint(checkpoint), keys.privateKey, keys.publicKey),
    });
    const all = [forged, ...lines].join('\n');
    expect(verifyAuditExport(all).kind).toBe('intact');
    expect(verifyAuditExport(all, { publicKey })).toEqual({
      kind: 'broken',
      problems: ['the log is signed by another key than the given one'],
    });
  });
});

test('a store whose log was edited exports what there is, and the export is broken', async () => {
  const { stateDir, store } = await approvedStore({ forecast: 'sunny' });
  tamper(stateDir, `update audit_entries set actor = 'mallory' where position = 2`);
  expect(problemsOf(await store.exportAudit())).toEqual([
    'the 4 entries are not those that the checkpoint was signed for',
  ]);
});
