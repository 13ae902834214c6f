import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

import type { Clock } from '../ports.js';
import type { LogKeys } from './audit-log.js';
import { brokenCalls } from './broken-calls.js';
import type { CallHead } from './call-head.js';
import { type Checkpoint, isSignedBy, parseCheckpoint, signCheckpoint } from './checkpoint.js';
import { rootHash } from './merkle-tree.js';

/** A signature costs more than a line: what is newer is sealed, which the holder of the key alone can check. */
const SIGN_EVERY_MS = 1_000;

/** Signs heads of the log of calls, and keeps the newest outside of its database, so that a database that goes back is noticed. */
export class CallWitness {
  readonly #file: string;
  readonly #keys: LogKeys;
  readonly #clock: Clock;
  #signedAt = Number.NEGATIVE_INFINITY;

  constructor(file: string, keys: LogKeys, clock: Clock) {
    this.#file = file;
    this.#keys = keys;
    this.#clock = clock;
  }

  get isDue(): boolean {
    return this.#clock.monotonicMs() - this.#signedAt >= SIGN_EVERY_MS;
  }

  signed(head: CallHead): CallHead {
    const { origin, publicKey, privateKey } = this.#keys;
    if (privateKey === undefined) return head;
    const checkpoint = { origin, size: head.tree.size, root: rootHash(head.tree) };
    return { ...head, note: signCheckpoint(checkpoint, privateKey, publicKey) };
  }

  /** What is not written is written with the next. */
  keep({ note }: CallHead): void {
    this.#signedAt = this.#clock.monotonicMs();
    writeFileSync(`${this.#file}.${process.pid}`, note ?? '', { mode: 0o600 });
    renameSync(`${this.#file}.${process.pid}`, this.#file);
  }

  get isThere(): boolean {
    return existsSync(this.#file);
  }

  /** @throws {SealwatchError} `AUDIT_BROKEN` where a log was signed: there is none now. */
  expectNone(): void {
    if (this.isThere) throw brokenCalls('calls.db is gone, and was there when its checkpoint was signed');
  }

  /**
   * Returns what was signed, in the database and outside of it.
   *
   * @throws {SealwatchError} `AUDIT_BROKEN` where the log is older than that, or it is not signed by our key
   */
  checkpointsOf({ note, tree }: CallHead): readonly Checkpoint[] {
    const outside = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined;
    const notes = [note ?? undefined, outside].filter((text) => text !== undefined);
    return notes.map((text) => {
      const checkpoint = this.#read(text);
      if (checkpoint.size > tree.size)
        throw brokenCalls(`it has ${tree.size} entries, and ${checkpoint.size} were signed`);
      return checkpoint;
    });
  }

  #read(note: string): Checkpoint {
    try {
      const checkpoint = parseCheckpoint(note);
      if (checkpoint.origin === this.#keys.origin && isSignedBy(note, this.#keys.publicKey)) return checkpoint;
    } catch {
      // What is no checkpoint is not signed either.
    }
    throw brokenCalls('its checkpoint is not signed by the key of this store');
  }
}
