import { brokenCalls } from './broken-calls.js';
import { CallDatabase } from './call-database.js';
import { callLeaf, rowOf } from './call-entry.js';
import { type CallHead, NO_HEAD, readHead, readHeadOf1, writeHead } from './call-head.js';
import { appendTail, chained, cutTail, endAfter, isEnd, readTail, type TailEnd, type TailEntry } from './call-tail.js';
import type { CallWitness } from './call-witness.js';
import { stayingInPlace } from './in-place.js';
import { appendLeaf } from './merkle-tree.js';
import type { Seal } from './seal.js';

/** What is written of a call. */
type NewEntry = Pick<TailEntry, 'salt' | 'details'>;

/**
 * Writes entries to the end of the log of calls, each sealed and chained to the one before, and takes what has gathered there into the
 * tree. Several processes write into one log.
 */
export class CallWriter {
  readonly path: string;
  readonly #witness: CallWitness;
  readonly #seal: Seal;
  #database: CallDatabase | undefined;
  #expectInPlace: () => void = () => undefined;
  /** Where the log ends, as far as we know. */
  #end: TailEnd | undefined;
  /** Entries in a row up to that end: genuine, and in no tree when we looked last. */
  #tail: TailEntry[] = [];
  #hasFailed = false;

  constructor(path: string, witness: CallWitness, seal: Seal) {
    this.path = path;
    this.#witness = witness;
    this.#seal = seal;
  }

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  get tailLength(): number {
    return this.#tail.length;
  }

  /**
   * @throws {SealwatchError} `AUDIT_BROKEN` where it is older than what was signed, or gone; `STORE_MISSING` where the file was deleted or
   * replaced while it was open
   */
  open(): CallDatabase {
    this.#database ??= this.#opened();
    this.#expectInPlace();
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
    if (this.#end !== undefined) {
      const placed = this.#placed(entries, this.#end);
      const write = (): boolean => placed.every((entry) => appendTail(database, entry, this.#seal));
      // One statement is a transaction of its own. Where another process has written meanwhile, nothing is.
      if (placed.length === 1 ? write() : database.writing(write)) return this.#noted(placed);
    }
    return this.#noted(
      database.writing(() => {
        const placed = this.#placed(entries, this.#catchUp(this.head()));
        for (const entry of placed) appendTail(database, entry, this.#seal);
        return placed;
      }),
    );
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
      cutTail(made, head, this.#seal);
    });
    try {
      this.#witness.checkpointsOf(readHead(database, this.#seal));
      this.#expectInPlace = stayingInPlace(this.path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  #planted(head: CallHead): CallHead {
    const database = this.open();
    let { tree, chain } = head;
    for (const entry of this.#waitingFor(head)) {
      const row = rowOf(entry);
      database.prepared(INSERT).run(row);
      tree = appendLeaf(tree, callLeaf(row));
      chain = entry.seal;
    }
    const after = { ...head, tree, chain };
    if (tree.size > head.tree.size) cutTail(database, after, this.#seal);
    return after;
  }

  /** Entries that are in no tree yet, whoever wrote them. */
  #waitingFor(head: CallHead): readonly TailEntry[] {
    this.#catchUp(head);
    return this.#tail.filter(({ position }) => position >= head.tree.size);
  }

  /** Reads what others wrote, where there is something, within a transaction. Returns where the log ends. */
  #catchUp(head: CallHead): TailEnd {
    const { size } = head.tree;
    const begin = this.#tail[0]?.position ?? this.#end?.next ?? Number.POSITIVE_INFINITY;
    if (this.#end !== undefined && begin <= size && isEnd(this.open(), this.#end)) return this.#end;
    this.#tail = [...readTail(this.open(), head, this.#seal)];
    const last = this.#tail.at(-1);
    const end = last === undefined ? { next: size, chain: head.chain } : endAfter(last);
    // What we wrote ourselves, or have seen, was there.
    if (this.#end !== undefined && end.next < this.#end.next) throw brokenCalls('its newest entries are gone');
    this.#end = end;
    return end;
  }

  #placed(entries: readonly NewEntry[], end: TailEnd): readonly TailEntry[] {
    let next = end;
    return entries.map((entry) => {
      const placed = chained(next, entry, this.#seal);
      next = endAfter(placed);
      return placed;
    });
  }

  #noted(placed: readonly TailEntry[]): number {
    const [first, last] = [placed[0], placed.at(-1)];
    if (first === undefined || last === undefined) throw new Error('nothing was written');
    this.#tail.push(...placed);
    this.#end = endAfter(last);
    return first.position;
  }
}

const INSERT = `insert into entries (position, at, type, call, server, subject, name, decision, digest, salt, details)
  values (@position, @at, @type, @call, @server, @subject, @name, @decision, @digest, @salt, @details)`;
