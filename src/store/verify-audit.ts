import { messageOf } from '../errors.js';
import type { AuditVerdict } from '../model/audit.js';
import type { LogKeys } from './audit-log.js';
import { claimText, entryHash, hasItsDetails, type NewEntry, storedClaim } from './audit-entry.js';
import type { CheckpointsFile } from './checkpoints-file.js';
import { type Checkpoint, isSignedBy, parseCheckpoint } from './checkpoint.js';
import {
  apiTokenClaim,
  approvalClaim,
  approverClaim,
  browserClaim,
  commentClaim,
  endorsementClaim,
  linkClaim,
  sessionClaim,
  sha256,
  waiverClaim,
} from './claims.js';
import { checkRequests } from './verify-requests.js';
import { readLog } from './log-entries.js';
import { rootHash } from './merkle-tree.js';
import { claimOfConsent } from './consents.js';
import { Replay } from './replay.js';
import type { Scope } from './scope.js';
import type { ApprovalRow, AuditRow } from './tables.js';
import { loadTexts } from './versions.js';

/** After so many, the rest says nothing new. */
const MAX_PROBLEMS = 50;

/** A checkpoint that the log has to contain, and how it is called in a problem. */
interface Witness {
  readonly name: string;
  readonly note: string;
}

/**
 * Checks the whole log from its first entry, every checkpoint, and every record that grants something. Nothing that was verified
 * before is taken for granted.
 *
 * @throws {SealwatchError} `CHECKPOINT_INVALID` where the given checkpoint is none.
 */
export async function verifyAudit(
  rows: Scope,
  keys: LogKeys,
  published: { readonly file: Pick<CheckpointsFile, 'read'>; readonly given: string | undefined },
): Promise<AuditVerdict> {
  const head = await rows.select('audit_heads').select('checkpoint').executeTakeFirst();
  const problems: string[] = head === undefined ? ['the database has no signed checkpoint of the log'] : [];
  const inFile = readFile(published.file, problems);
  const witnesses = witnessesOf(head?.checkpoint, inFile, published.given);
  const expected = readWitnesses(witnesses, keys, problems);
  const { replay, claims } = await replayAll(rows, expected, problems);
  checkSizes(expected, replay.tree.size, problems);
  await checkRecords(rows, replay, claims, problems);
  if (problems.length > 0) return { kind: 'broken', problems: problems.slice(0, MAX_PROBLEMS) };
  const root = rootHash(replay.tree).toString('base64');
  return { kind: 'intact', size: replay.tree.size, rootHash: root, checkpoint: head?.checkpoint ?? '' };
}

function readFile(file: Pick<CheckpointsFile, 'read'>, problems: string[]): readonly string[] {
  try {
    return file.read();
  } catch (error) {
    problems.push(messageOf(error));
    return [];
  }
}

const IN_DATABASE = 'the checkpoint in the database';

function witnessesOf(
  head: string | undefined,
  inFile: readonly string[],
  given: string | undefined,
): readonly Witness[] {
  if (given !== undefined) parseCheckpoint(given);
  return [
    ...(head === undefined ? [] : [{ name: IN_DATABASE, note: head }]),
    ...inFile.map((note, index) => ({ name: `checkpoint ${index + 1} of the \`checkpoints\` file`, note })),
    ...(given === undefined ? [] : [{ name: 'the given checkpoint', note: given }]),
  ];
}

type Expected = ReadonlyMap<string, Checkpoint>;

function readWitnesses(witnesses: readonly Witness[], keys: LogKeys, problems: string[]): Expected {
  const expected = new Map<string, Checkpoint>();
  for (const { name, note } of witnesses) {
    const problem = problemOf(note, keys);
    if (problem === undefined) expected.set(name, parseCheckpoint(note));
    else problems.push(`${name} ${problem}`);
  }
  return expected;
}

function problemOf(note: string, { origin, publicKey }: LogKeys): string | undefined {
  try {
    if (parseCheckpoint(note).origin !== origin) return 'is of another log';
    return isSignedBy(note, publicKey) ? undefined : 'has a bad signature';
  } catch {
    // Whatever it is, it is no checkpoint: that is the answer.
    return 'is no checkpoint';
  }
}

interface Replayed {
  readonly replay: Replay;
  /** What each entry says, by position; erased ones are left out. */
  readonly claims: ReadonlyMap<number, string>;
}

async function replayAll(rows: Scope, expected: Expected, problems: string[]): Promise<Replayed> {
  const replay = new Replay();
  const claims = new Map<number, string>();
  const bySize = groupBySize(expected);
  let next = 0;
  for await (const chunk of readLog(rows)) {
    for (const row of chunk) {
      checkEntry(row, next, problems);
      next = row.position + 1;
      replay.add(row);
      const claim = storedClaim(row);
      if (claim !== undefined) claims.set(row.position, claim);
      for (const [name, { root }] of bySize.get(next) ?? []) {
        if (!rootHash(replay.tree).equals(root))
          problems.push(`the first ${next} entries are not those that ${name} was signed for`);
      }
    }
  }
  return { replay, claims };
}

function groupBySize(expected: Expected): ReadonlyMap<number, readonly (readonly [string, Checkpoint])[]> {
  const groups = new Map<number, (readonly [string, Checkpoint])[]>();
  for (const entry of expected) groups.set(entry[1].size, [...(groups.get(entry[1].size) ?? []), entry]);
  return groups;
}

function checkEntry(row: AuditRow, expected: number, problems: string[]): void {
  const { position, type } = row;
  if (position > expected) {
    const last = position - 1;
    problems.push(expected === last ? `entry ${last} is missing` : `entries ${expected} to ${last} are missing`);
  }
  if (entryHash(row).toString('hex') !== row.leaf_hash) {
    problems.push(`entry ${position} (${type}) was edited or moved`);
  }
  if (!hasItsDetails(row)) problems.push(`the details of entry ${position} (${type}) were edited`);
}

function checkSizes(expected: Expected, size: number, problems: string[]): void {
  for (const [name, checkpoint] of expected) {
    if (checkpoint.size > size) {
      problems.push(
        `the log was rolled back or cut at the end: ${name} saw ${checkpoint.size} entries, there are ${size}`,
      );
    }
    if (name === IN_DATABASE && checkpoint.size < size) {
      problems.push(`entries from ${checkpoint.size} on stand under no signed checkpoint`);
    }
  }
}

/** Every record that grants something, held against its entry. */
async function checkRecords(
  rows: Scope,
  replay: Replay,
  claims: ReadonlyMap<number, string>,
  problems: string[],
): Promise<void> {
  const check = (name: string, leaf: number, claim: NewEntry): void => {
    if (claims.get(leaf) !== claimText(claim))
      problems.push(`${name} stands without its entry in the log, or was edited`);
    else if (replay.isEnded(leaf)) problems.push(`${name} was ended in the log and is still there`);
  };
  await checkApprovals(rows, replay, claims, problems);
  await checkRequests(rows, replay, claims, problems);
  for (const row of await rows.select('waivers').selectAll().execute())
    check(`waiver ${row.id}`, row.leaf, waiverClaim(row));
  for (const row of await rows.select('approvers').selectAll().execute()) {
    check(`approver ${row.name}`, row.leaf, approverClaim(row));
  }
  for (const row of await rows.select('browsers').selectAll().execute()) {
    check(`a browser of ${row.name}`, row.leaf, browserClaim(row));
  }
  for (const row of await rows.select('links').selectAll().execute()) {
    check(`a link for ${row.recipient}`, row.leaf, linkClaim(row));
  }
  for (const row of await rows.select('sessions').selectAll().execute()) {
    check(`a session of ${row.name}`, row.leaf, sessionClaim(row));
  }
  for (const row of await rows.select('api_tokens').selectAll().execute()) {
    check(`token ${row.name}`, row.leaf, apiTokenClaim(row));
  }
  for (const row of await rows.select('consents').selectAll().where('leaf', 'is not', null).execute()) {
    // What was used is ended in the log, and stays until it would have expired.
    if (row.used_at === null) check(`the answer to call ${row.id}`, row.leaf ?? -1, claimOfConsent(row));
  }
  for (const row of await rows.select('comments').selectAll().execute()) {
    check(`a comment by ${row.written_by} on request ${row.request}`, row.leaf, commentClaim(row));
  }
  for (const row of await rows.select('endorsements').selectAll().execute()) {
    check(`the approval of request ${row.request} by ${row.endorsed_by}`, row.leaf, endorsementClaim(row));
  }
}

async function checkApprovals(
  rows: Scope,
  replay: Replay,
  claims: ReadonlyMap<number, string>,
  problems: string[],
): Promise<void> {
  const approvals = await rows.select('approvals').selectAll().orderBy('id').execute();
  for (const row of approvals) {
    const name = `approval ${row.id} of ${row.ref_text}`;
    const isInForce = row.ended_at === null;
    const claim = claims.get(row.leaf);
    // Of an ended approval the content may be erased.
    const isErased = claim === undefined && !isInForce && replay.isEnded(row.leaf);
    if (claim !== claimText(approvalClaim(row)) && !isErased) {
      problems.push(`${name} stands without its entry in the log, or was edited`);
    } else if (isInForce === replay.isEnded(row.leaf)) {
      problems.push(
        isInForce
          ? `${name} was ended in the log and is in force in its row`
          : `${name} is in force in the log and ended in its row`,
      );
    }
  }
  const inForce = approvals.filter((row) => row.ended_at === null);
  await checkTexts(rows, inForce, problems);
  const inTable = new Set(inForce.map(({ leaf }) => leaf));
  const missing = [...replay.approvals.keys()].filter((leaf) => !inTable.has(leaf));
  for (const leaf of missing)
    problems.push(`the approval of entry ${leaf} is in force in the log and has no row in force`);
}

/** The approved texts have to be the ones that were approved. */
async function checkTexts(rows: Scope, inForce: readonly ApprovalRow[], problems: string[]): Promise<void> {
  const texts = await loadTexts(
    rows,
    inForce.map(({ version }) => version),
  );
  for (const { id, ref_text, version, content_digest } of inForce) {
    const text = texts.get(version);
    if (text === undefined || sha256(text) !== content_digest) {
      problems.push(`the text of approval ${id} of ${ref_text} was edited or is missing`);
    }
  }
}
