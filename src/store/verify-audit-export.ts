import { messageOf } from '../errors.js';
import type { AuditVerdict } from '../model/audit.js';
import { quote } from '../quote.js';
import { entryHash, hasItsDetails } from './audit-entry.js';
import { type Checkpoint, isSignedBy, parseCheckpoint, parseVerifierKey } from './checkpoint.js';
import { AUDIT_EXPORT_FORMAT, type AuditExportEntry, type AuditExportHeader } from './export-audit.js';
import { appendLeaf, EMPTY_TREE, type MerkleTree, rootHash } from './merkle-tree.js';

/** After so many, the rest says nothing new. */
const MAX_PROBLEMS = 50;

/** What the reader knows of the log from elsewhere: an export alone could be made up as a whole, with a key of its own. */
export interface Expected {
  /** The text of the store's `audit.pub`. */
  readonly publicKey?: string;
}

/**
 * Returns whether an exported log is one whole log under the signature of the key that it names: every leaf is computed anew from
 * what its line says, and so is the tree. Needs neither a store nor a clock. Erased details are allowed.
 *
 * That the key is the store's own follows only from comparing it with an `audit.pub` that was kept elsewhere.
 */
export function verifyAuditExport(text: string, expected: Expected = {}): AuditVerdict {
  const [first = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const problems: string[] = [];
  const header = readHeader(first, problems);
  const tree = readEntries(lines, problems);
  if (header !== undefined) checkHead(header, tree, expected, problems);
  if (problems.length > 0 || header === undefined) return { kind: 'broken', problems: problems.slice(0, MAX_PROBLEMS) };
  const { checkpoint } = header;
  return { kind: 'intact', size: tree.size, rootHash: rootHash(tree).toString('base64'), checkpoint };
}

function readHeader(line: string, problems: string[]): AuditExportHeader | undefined {
  const value = parseLine(line);
  const texts = ['format', 'origin', 'publicKey', 'checkpoint'].map((name) => value?.[name]);
  if (value?.['format'] === AUDIT_EXPORT_FORMAT && texts.every((text) => typeof text === 'string')) {
    return value as unknown as AuditExportHeader;
  }
  problems.push(`line 1 is not the beginning of an exported log (${AUDIT_EXPORT_FORMAT}): ${quote(line, 80)}`);
  return undefined;
}

function readEntries(lines: readonly string[], problems: string[]): MerkleTree {
  let tree = EMPTY_TREE;
  for (const [index, line] of lines.entries()) {
    const entry = readEntry(line);
    if (entry === undefined) {
      problems.push(`line ${index + 2} is no entry of a log: ${quote(line, 80)}`);
      continue;
    }
    if (entry.position !== tree.size)
      problems.push(`entry ${tree.size} is missing: ${entry.position} stands in its place`);
    if (!hasItsDetails({ ...entry, tenant: '', leaf_hash: '' }))
      problems.push(`the details of entry ${entry.position} (${quote(entry.type, 40)}) were edited`);
    tree = appendLeaf(tree, entryHash(entry));
  }
  return tree;
}

function readEntry(line: string): AuditExportEntry | undefined {
  const value = parseLine(line);
  const isEntry =
    value !== undefined &&
    Number.isSafeInteger(value['position']) &&
    ['at', 'type', 'actor', 'digest'].every((name) => typeof value[name] === 'string') &&
    ['details', 'salt'].every((name) => value[name] === null || typeof value[name] === 'string') &&
    (value['ends'] === null || Number.isSafeInteger(value['ends']));
  return isEntry ? (value as unknown as AuditExportEntry) : undefined;
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Whatever it is, it is no line of an export: the caller says so.
    return undefined;
  }
}

function checkHead(header: AuditExportHeader, tree: MerkleTree, expected: Expected, problems: string[]): void {
  const key = parseVerifierKey(header.publicKey);
  const checkpoint = readCheckpoint(header.checkpoint, problems);
  if (key === undefined) problems.push(`the public key is no verifier key: ${quote(header.publicKey, 80)}`);
  if (expected.publicKey !== undefined && expected.publicKey.trim() !== header.publicKey.trim())
    problems.push('the log is signed by another key than the given one');
  if (key === undefined || checkpoint === undefined) return;
  if (checkpoint.origin !== header.origin || key.origin !== header.origin)
    problems.push('the checkpoint or the key is of another log');
  if (!isSignedBy(header.checkpoint, key.publicKey)) problems.push('the checkpoint has a bad signature');
  if (checkpoint.size !== tree.size)
    problems.push(`the checkpoint is over ${checkpoint.size} entries, there are ${tree.size}`);
  else if (!checkpoint.root.equals(rootHash(tree)))
    problems.push(`the ${tree.size} entries are not those that the checkpoint was signed for`);
}

function readCheckpoint(note: string, problems: string[]): Checkpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch (error) {
    problems.push(messageOf(error));
    return undefined;
  }
}
