import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { run } from '../../src/cli/run.js';
import { verifyAuditExport } from '../../src/store/verify-audit-export.js';
import { type Fleet, startFleet, VIEWER } from './start-fleet.js';
import { LOOKUP, REWORDED } from './start-site.js';

let fleet: Fleet;
let folder: string;
/** What `/audit/proof` gave. */
let original: string;

beforeAll(async () => {
  fleet = await startFleet({ wiki: {} });
  folder = mkdtempSync(join(tmpdir(), 'sealwatch-proof-'));
  const viewer = await fleet.signIn(VIEWER);
  await fleet.approve('wiki', [LOOKUP]);
  const open = await fleet.declare('wiki', [REWORDED]);
  const actor = { kind: 'person', name: 'alice', how: 'browser' } as const;
  const at = fleet.deps.clock.now().toISOString();
  await fleet.deps.store.addComment({ request: open!.id, actor, at, text: 'no "hurry"' });
  original = (await fleet.get('/audit/proof', viewer)).text;
});

afterAll(async () => {
  await fleet.close();
  rmSync(folder, { recursive: true });
});

/** Runs the command line in this process, in an empty folder: with neither configuration nor store. */
async function sealwatch(...args: readonly string[]): Promise<{ exitCode: number; output: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const chunks: Buffer[] = [];
  for (const stream of [stdout, stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const io = {
    stdin: process.stdin,
    stdout,
    stderr,
    env: {},
    cwd: () => empty,
    on: () => undefined,
    off: () => undefined,
  };
  const argv = ['node', 'sealwatch', ...args];
  const exitCode = await run({ ...io, argv } as unknown as Parameters<typeof run>[0]);
  return { exitCode, output: Buffer.concat(chunks).toString() };
}

function saved(text: string): string {
  const file = join(folder, 'proof.jsonl');
  writeFileSync(file, text);
  return file;
}

const publicKey = (): string => readFileSync(join(fleet.stateDir, 'audit.pub'), 'utf8');

test('a proof is the whole log, and is verified without the store', () => {
  const verdict = verifyAuditExport(original, { publicKey: publicKey() });
  expect(verdict).toMatchObject({ kind: 'intact', size: 9 });
});

test('a proof is verified by the command line, which names the key and says what that is worth', async () => {
  const file = saved(original);
  const plain = await sealwatch('audit', 'verify', '--proof', file);
  expect(plain.exitCode).toBe(0);
  expect(plain.output).toContain('The audit log is intact: 9 entries, root ');
  expect(plain.output).toContain(`Signed with the key ${publicKey().trim()}\n`);
  expect(plain.output).toContain('The file brings this key itself');
  const known = await sealwatch(
    'audit',
    'verify',
    '--proof',
    file,
    '--key',
    join(fleet.stateDir, 'audit.pub'),
    '--json',
  );
  expect(known.exitCode).toBe(0);
  expect(JSON.parse(known.output)).toMatchObject({
    exitCode: 0,
    intact: true,
    size: 9,
    keyGiven: true,
    problems: [],
  });
  expect((JSON.parse(known.output) as { signedBy: string }).signedBy).toBe(publicKey().trim());
});

/** Changes the n-th line, 0 being the header; negative counts from the end. */
const edit = (line: number, change: (parsed: Record<string, unknown>) => unknown) => (text: string) => {
  const lines = text.trimEnd().split('\n');
  const index = line < 0 ? lines.length + line : line;
  lines[index] = JSON.stringify(change(JSON.parse(lines[index]!) as Record<string, unknown>));
  return `${lines.join('\n')}\n`;
};
const lines = (change: (all: string[]) => readonly string[]) => (text: string) =>
  `${change(text.trimEnd().split('\n')).join('\n')}\n`;

test.each<[string, (text: string) => string]>([
  [
    'a comment that was edited',
    edit(-1, (entry) => ({ ...entry, details: String(entry['details']).replace('no', 'go') })),
  ],
  ['another actor', edit(-1, (entry) => ({ ...entry, actor: 'mallory (browser)' }))],
  ['another time', edit(4, (entry) => ({ ...entry, at: '2020-01-01T00:00:00.000Z' }))],
  ['another kind', edit(4, (entry) => ({ ...entry, type: 'comment' }))],
  ['another digest', edit(4, (entry) => ({ ...entry, digest: '0'.repeat(64) }))],
  ['another salt', edit(4, (entry) => ({ ...entry, salt: '00'.repeat(16) }))],
  ['an approval that says it ended another', edit(5, (entry) => ({ ...entry, ends: 0 }))],
  ['an entry that is missing in the middle', lines((all) => all.toSpliced(4, 1))],
  ['the last entry cut off', lines((all) => all.slice(0, -1))],
  ['every entry cut off', lines((all) => all.slice(0, 1))],
  ['one entry twice', lines((all) => all.toSpliced(4, 0, all[4]!))],
  ['an entry added at the end', lines((all) => [...all, all.at(-1)!.replace('"position":8', '"position":9')])],
  ['two entries in the other order', lines((all) => all.toSpliced(4, 2, all[5]!, all[4]!))],
  [
    'a checkpoint over fewer entries',
    edit(0, (head) => ({ ...head, checkpoint: String(head['checkpoint']).replace('\n9\n', '\n8\n') })),
  ],
  [
    'a key of somebody else',
    edit(0, (head) => ({ ...head, publicKey: String(head['publicKey']).replace(/.{8}$/, 'AAAAAAAA') })),
  ],
  ['no checkpoint', edit(0, (head) => ({ ...head, checkpoint: '' }))],
  ['another log', edit(0, (head) => ({ ...head, origin: 'other' }))],
  ['no header', lines((all) => all.slice(1))],
  ['a line that is no JSON', lines((all) => all.toSpliced(3, 1, '{"position":2'))],
  ['nothing', () => ''],
  ['a file of another kind', () => '%PDF-1.7\n\u001b[2J'],
])('a proof with %s is refused by the function and by the command line', async (_, tamper) => {
  const tampered = tamper(original);
  expect(tampered).not.toBe(original);
  expect(verifyAuditExport(tampered).kind).toBe('broken');
  const verified = await sealwatch('audit', 'verify', '--proof', saved(tampered));
  expect(verified.exitCode).toBe(1);
  expect(verified.output).toContain('The audit log is broken:');
  expect(verified.output).not.toContain('Signed with');
  expect(verified.output).not.toContain('\u001b');
});

test('a proof made up as a whole, with a key of its own, is refused where the real key is given', async () => {
  const other = await startFleet({ wiki: {} });
  try {
    const forged = saved((await other.get('/audit/proof', await other.signIn(VIEWER))).text);
    expect((await sealwatch('audit', 'verify', '--proof', forged)).exitCode).toBe(0);
    const verified = await sealwatch('audit', 'verify', '--proof', forged, '--key', join(fleet.stateDir, 'audit.pub'));
    expect(verified.exitCode).toBe(1);
    expect(verified.output).toContain('signed by another key than the given one');
  } finally {
    await other.close();
  }
});

test.each([
  ['a proof that is not there', ['--proof', 'nowhere.jsonl']],
  ['a key without a proof', ['--key', 'audit.pub']],
  ['a proof together with a checkpoint', ['--proof', 'proof.jsonl', '--checkpoint', 'checkpoint.txt']],
])('%s is a mistake in the command, not a broken log', async (_, args) => {
  const { exitCode, output } = await sealwatch('audit', 'verify', ...args);
  expect(exitCode).toBe(3);
  expect(output).toContain('error USAGE: ');
});

test('a key that is none is a mistake in the command', async () => {
  const file = saved(original);
  const { exitCode, output } = await sealwatch('audit', 'verify', '--proof', file, '--key', file);
  expect([exitCode, output]).toEqual([3, expect.stringContaining('error USAGE: not a verifier key')]);
});
