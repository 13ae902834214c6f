import { CallDatabase } from './call-database.js';
import { callLeaf, type CallRow, type NewEntry, rowOf } from './call-entry.js';
import { type CallHead, NO_HEAD, readHead, readHeadOf1, writeHead } from './call-head.js';
import { appendPortion, cutTail, endAfter, isEnd, type Portion, readTail, startTail, type TailEnd } from './call-tail.js';
import type { CallWitness } from './call-witness.js';
import { appendLeaf } from './merkle-tree.js';
import type { Seal } from './seal.js';

/**
 * Writes entries to the end of the log of calls, each sealed and chained to the one before, and takes what has gathered there into the
 * tree. Several processes write into one log.
 */
export class CallWriter {
  readonly path: string;
  readonly #witness: CallWitness;
  readonly #seal: Seal;
  #database: CallDatabase | undefined;
  /** Where the log ends, as far as we know. */
  #end: TailEnd | undefined;
  /** Portions in a row up to that end: genuine, and in no tree when we looked last. */
  #tail: Portion[] = [];
  #hasFailed = false;

  constructor(path: string, witness: CallWitness, seal: Seal) {
    this.path = path;
    this.#witness = witness;
    this.#seal = seal;
  }

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  /** How many entries are in no tree yet, as far as we know. */
  get waiting(): number {
    const [first] = this.#tail;
    return first === undefined || this.#end === undefined ? 0 : this.#end.next - first.position;
  }

  /** @throws {SealwatchError} `AUDIT_BROKEN` where it is older than what was signed, or gone */
  open(): CallDatabase {
    this.#database ??= this.#opened();
    return this.#database;
  }

  head(): CallHead {
    return readHead(this.open(), this.#seal);
  }

  /**
   * Writes entries that follow each other, and returns the position of the first.
   *
   * @throws {SealwatchError} `AUDIT_BROKEN`: nothing is written on top of a log that is not the one that was written
   */
  append(entries: readonly NewEntry[]): number {
    const database = this.open();
    if (this.#hasFailed) this.intoTree();
    const portion =
      (this.#end === undefined ? undefined : appendPortion(database, this.#end, entries, this.#seal)) ??
      // Another process has written meanwhile; it cannot while we hold the lock.
      database.writing(() => appendPortion(database, this.#catchUp(this.head()), entries, this.#seal));
    if (portion === undefined) throw new Error('the end of the log was just read');
    this.#tail.push(portion);
    this.#end = endAfter(portion);
    return portion.position;
  }

  /** Takes what is in no tree yet into the tree, and signs the head where that is due, or asked for. */
  intoTree(options: { readonly signs?: true } = {}): void {
    const database = this.open();
    try {
      const isNeeded = options.signs === true || database.reading(() => this.#waitingFor(this.head()).length > 0);
      if (isNeeded) this.changeHead((head) => ({ head: this.#planted(head), result: undefined }), options);
      this.#tail = [];
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** One transaction that reads the head and writes another. */
  changeHead<Result>(
    change: (head: CallHead) => { readonly head: CallHead; readonly result: Result },
    options: { readonly signs?: true } = {},
  ): Result {
    const database = this.open();
    const signs = options.signs === true || this.#witness.isDue;
    const act = (): { readonly head: CallHead; readonly result: Result } => {
      const { head, result } = change(this.head());
      const after = signs ? this.#witness.signed(head) : head;
      writeHead(database, after, this.#seal);
      return { head: after, result };
    };
    // What is signed is on the disk first: else the copy outside would look ahead after a power cut, as if the log had gone back.
    const { head, result } = signs ? database.writingSynced(act) : database.writing(act);
    if (signs) this.#witness.keep(head);
    return result;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    this.#end = undefined;
    this.#tail = [];
  }

  #opened(): CallDatabase {
    const database = new CallDatabase(this.path, (made, from) => {
      if (from === 0) this.#witness.expectNone();
      const head = from === 0 ? NO_HEAD : readHeadOf1(made, this.#seal);
      writeHead(made, head, this.#seal);
      // The entries that are there are one portion, to which the next is chained.
      if (head.tree.size > 0) startTail(made, head);
    });
    try {
      this.#witness.checkpointsOf(readHead(database, this.#seal));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #planted(head: CallHead): CallHead {
    const database = this.open();
    const portions = this.#waitingFor(head);
    const last = portions.at(-1);
    if (last === undefined) return head;
    let { tree } = head;
    for (const { position, entries } of portions)
      for (const [index, entry] of entries.entries()) {
        const row = rowOf(position + index, entry);
        insert(database, row);
        tree = appendLeaf(tree, callLeaf(row));
      }
    cutTail(database, last);
    return { ...head, tree, chain: last.seal };
  }

  /** What is in no tree yet, whoever wrote it. */
  #waitingFor(head: CallHead): readonly Portion[] {
    this.#catchUp(head);
    return this.#tail.filter(({ position }) => position >= head.tree.size);
  }

  /** Reads what others wrote, where there is something, within a transaction. Returns where the log ends. */
  #catchUp(head: CallHead): TailEnd {
    const begin = this.#tail[0]?.position ?? this.#end?.next ?? Number.POSITIVE_INFINITY;
    if (this.#end !== undefined && begin <= head.tree.size && isEnd(this.open(), this.#end)) return this.#end;
    const { portions, end } = readTail(this.open(), head, this.#seal);
    this.#tail = [...portions];
    this.#end = end;
    return end;
  }
}

function insert(database: CallDatabase, row: CallRow): void {
  const { position, at, type, call, server, subject, name, decision, digest, salt, details } = row;
  database
    .prepared(INSERT)
    .run(position, at, type, call, server, subject, name, decision, digest, salt, details);
}

const INSERT = `insert into entries (position, at, type, call, server, subject, name, decision, digest, salt, details)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
