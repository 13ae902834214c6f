import type { KeyObject } from 'node:crypto';

import { SealwatchError } from '../errors.js';
import type { Random } from '../ports.js';
import {
  brokenLog,
  claimText,
  entryHash,
  hasItsDetails,
  type NewEntry,
  sealEntry,
  storedClaim,
  type StoredEntry,
} from './audit-entry.js';
import { readEntries } from './log-entries.js';
import { type Checkpoint, isSignedBy, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { appendLeaf, type MerkleTree, rootHash } from './merkle-tree.js';
import { Replay } from './replay.js';
import type { Scope } from './scope.js';
import { type Seal, sealer } from './seal.js';

/** Whose log it is, and the key that signs its checkpoints. */
export interface LogKeys {
  readonly origin: string;
  readonly publicKey: KeyObject;
  /** `undefined` where the store is only read. */
  readonly privateKey: KeyObject | undefined;
}

/** Where checkpoints are kept outside the database: the log must contain the newest of them. */
export interface Witness {
  newest(): Checkpoint | undefined;
  append(note: string): void;
}

interface Head extends Checkpoint {
  readonly note: string;
}

const SALT_BYTES = 16;

/** One multi-row statement stays below the limit of 32,766 parameters. */
const ROWS_PER_STATEMENT = 500;

/**
 * The part of the log that this process has verified: every entry up to a checkpoint with our signature. It only grows, so
 * that the cost of verifying goes with what is new, and what was verified cannot be changed behind our back.
 */
export class AuditLog {
  readonly #keys: LogKeys;
  readonly #random: Random;
  readonly #replay = new Replay();
  readonly #witness: Witness;
  /** Tags rows that are no entries; `undefined` where the store is only read. */
  readonly seal: Seal | undefined;
  #outside: Checkpoint | undefined;
  #isWitnessed = false;

  constructor(keys: LogKeys, random: Random, witness: Witness) {
    this.#keys = keys;
    this.#random = random;
    this.#witness = witness;
    this.seal = keys.privateKey && sealer(keys.privateKey);
  }

  get replay(): Pick<Replay, 'tree' | 'approvals' | 'requests' | 'wasEverApproved' | 'isEnded'> {
    return this.#replay;
  }

  /**
   * Verifies what was added since the last time.
   *
   * @throws {SealwatchError} `AUDIT_BROKEN`
   */
  async catchUp(rows: Scope): Promise<void> {
    this.#outside = this.#isWitnessed ? undefined : this.#witness.newest();
    const head = await this.#readHead(rows);
    const verified = this.#replay.tree;
    if (head.size < verified.size)
      throw brokenLog(`the audit log went back from ${verified.size} to ${head.size} entries`);
    const added = await readEntries(rows, verified.size, head.size);
    const hashes = added.map(entryHash);
    let tree = verified;
    this.#checkOutside(tree);
    for (const hash of hashes) {
      tree = appendLeaf(tree, hash);
      this.#checkOutside(tree);
    }
    if (!rootHash(tree).equals(head.root))
      throw brokenLog('the audit log is not the one that its checkpoint was signed for');
    this.#take(added, hashes);
    if (!this.#isWitnessed) this.#catchUpWitness(head);
  }

  /** Returns a draft of the next entries. Catches up first, so that nothing is ever signed on top of a forged log. */
  async draft(rows: Scope): Promise<LogDraft> {
    await this.catchUp(rows);
    return new LogDraft(this.#replay.tree, this.#keys, this.#random);
  }

  /** Takes over what was committed. */
  adopt(draft: LogDraft): void {
    this.#take(draft.entries, draft.entries.map(entryHash));
  }

  /**
   * Holds a row that grants something against its entry in the log. Catch up before.
   *
   * @throws {SealwatchError} `AUDIT_BROKEN` where the entry is missing, says something else, or was ended.
   */
  async prove(rows: Scope, position: number, claim: NewEntry): Promise<void> {
    await this.hold(rows, position, claim);
    if (this.#replay.isEnded(position)) throw notInLog(claim);
  }

  /** Holds a row against its entry, as {@link prove} does, also where a later entry ended it. */
  async hold(rows: Scope, position: number, claim: NewEntry): Promise<void> {
    const row = await rows.select('audit_entries').selectAll().where('position', '=', position).executeTakeFirst();
    const isGenuine = row !== undefined && this.#replay.hashAt(position)?.equals(entryHash(row)) && hasItsDetails(row);
    const says = isGenuine ? storedClaim(row) : undefined;
    if (says !== claimText(claim)) throw notInLog(claim);
  }

  /** Seen once is enough: from here on the log only grows from what was verified. */
  #catchUpWitness({ note, size }: Head): void {
    this.#isWitnessed = true;
    // A crash between a commit and its copy left the file behind.
    if (this.#keys.privateKey !== undefined && size > (this.#outside?.size ?? 0)) this.#witness.append(note);
  }

  #take(entries: readonly StoredEntry[], hashes: readonly Buffer[]): void {
    for (const [index, row] of entries.entries()) {
      // A committed draft is adopted when another transaction may just have read the same entries from the database.
      if (row.position === this.#replay.tree.size) this.#replay.add(row, hashes[index]);
    }
  }

  async #readHead(rows: Scope): Promise<Head> {
    const head = await rows.select('audit_heads').select('checkpoint').executeTakeFirst();
    if (head === undefined) throw brokenLog('the audit log has no signed checkpoint');
    const checkpoint = parseHead(head.checkpoint);
    if (checkpoint.origin !== this.#keys.origin || !isSignedBy(head.checkpoint, this.#keys.publicKey)) {
      throw brokenLog('the checkpoint of the audit log is not signed by the key of this store');
    }
    const outside = this.#outside;
    if (outside !== undefined && outside.size > checkpoint.size) throw rolledBack(outside.size, checkpoint.size);
    return { ...checkpoint, note: head.checkpoint };
  }

  #checkOutside(tree: MerkleTree): void {
    const outside = this.#outside;
    if (tree.size !== outside?.size || rootHash(tree).equals(outside.root)) return;
    throw brokenLog('the audit log is another one than the `checkpoints` file saw');
  }
}

/** Entries on their way into the log, in one transaction. */
export class LogDraft {
  #tree: MerkleTree;
  readonly #entries: StoredEntry[] = [];
  readonly #keys: LogKeys;
  readonly #random: Random;

  constructor(tree: MerkleTree, keys: LogKeys, random: Random) {
    this.#tree = tree;
    this.#keys = keys;
    this.#random = random;
  }

  get entries(): readonly StoredEntry[] {
    return this.#entries;
  }

  /** Returns the position that the entry will have. */
  append(entry: NewEntry): number {
    const position = this.#tree.size;
    const sealed = sealEntry(position, entry, this.#random.bytes(SALT_BYTES));
    this.#tree = appendLeaf(this.#tree, Buffer.from(sealed.leaf_hash, 'hex'));
    this.#entries.push(sealed);
    return position;
  }

  /** Writes the entries and a signed checkpoint over them. Returns the checkpoint. */
  async write(rows: Scope): Promise<string> {
    const { origin, publicKey, privateKey } = this.#keys;
    if (privateKey === undefined) throw new SealwatchError('STORE_READ_ONLY', 'the store was opened for reading only');
    for (let start = 0; start < this.#entries.length; start += ROWS_PER_STATEMENT) {
      await rows.insert('audit_entries', this.#entries.slice(start, start + ROWS_PER_STATEMENT)).execute();
    }
    const { size } = this.#tree;
    const checkpoint = signCheckpoint({ origin, size, root: rootHash(this.#tree) }, privateKey, publicKey);
    await rows.remove('audit_heads').execute();
    await rows.insert('audit_heads', { size, checkpoint }).execute();
    return checkpoint;
  }
}

/** Returns the error for a log that ends before a checkpoint that was published. */
export function rolledBack(published: number, found: number): SealwatchError {
  return brokenLog(
    `the audit log was rolled back or cut: the \`checkpoints\` file saw ${published} entries, the database has ${found}`,
  );
}

/** Returns the checkpoint that the database holds. @throws {SealwatchError} `AUDIT_BROKEN` where it is none. */
export function parseHead(note: string): Checkpoint {
  try {
    return parseCheckpoint(note);
  } catch (cause) {
    throw new SealwatchError(
      'AUDIT_BROKEN',
      'the checkpoint in the database is no checkpoint: run `sealwatch audit verify`',
      {
        cause,
      },
    );
  }
}

function notInLog({ type }: NewEntry): SealwatchError {
  return brokenLog(`a record of the kind ${type} stands without its entry in the audit log`);
}
