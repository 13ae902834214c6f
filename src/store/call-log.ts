import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { SealwatchError } from '../errors.js';
import type { CallAnswered, CallLogVerdict, CallRecord } from '../model/call.js';
import type { CallLog, Clock, Random } from '../ports.js';
import { loadKeys } from './audit-key.js';
import { answeredDetails, askedDetails } from './call-entry.js';
import type { CallDatabase } from './call-database.js';
import { CallOrigin } from './call-origin.js';
import { CallWriter } from './call-writer.js';
import { CallWitness } from './call-witness.js';
import { firstSince, forgetStep, ROWS_PER_STEP } from './forget-calls.js';
import { searchCalls } from './search-calls.js';
import { sealer } from './seal.js';
import { isBusy, toStoreError } from './sqlite-error.js';
import { stateFiles } from './state-files.js';
import { NO_CALLS, verifyCalls } from './verify-calls.js';

const LOCK_WAIT_MS = 5_000;
const RETRY_MS = 5;

/** Entries become leaves of the tree together: so long after the first of them, or when there are so many. */
const TREE_AFTER_MS = 200;
const MAX_TAIL = 256;

const SALT_BYTES = 16;
const SALTS_AT_ONCE = 64;

/** Beyond the size, so much of the log goes at once, and again until it is below. */
const SHARE_FORGOTTEN = 0.1;

interface Options {
  readonly clock: Clock;
  readonly random: Random;
  /** How long a transaction waits for another process's. */
  readonly lockWaitMs?: number;
}

/**
 * Returns the log of calls of a state directory, beside the store whose keys sign it. The database is made with the first call; one that
 * is not there has no calls.
 *
 * @throws {SealwatchError} `AUDIT_KEY_MISSING`
 */
export function openCallLog(stateDir: string, options: Options): CallLog {
  const files = stateFiles(stateDir);
  const keys = loadKeys(files, false);
  if (keys.privateKey === undefined) throw new Error('loaded to be written with');
  const origin = `${keys.origin}/calls`;
  const witness = new CallWitness(files.callsCheckpoint, { ...keys, origin }, options.clock);
  const writer = new CallWriter(files.calls, witness, sealer(keys.privateKey));
  return new SqliteCallLog(writer, witness, new CallOrigin(stateDir, options), options);
}

interface Pending {
  readonly salt: string;
  readonly details: string;
  readonly done: (position: number) => void;
  readonly failed: (error: unknown) => void;
}

class SqliteCallLog implements CallLog {
  readonly #writer: CallWriter;
  readonly #witness: CallWitness;
  readonly #origin: CallOrigin;
  readonly #options: Options;
  #waiting: Pending[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #salts: string[] = [];

  constructor(writer: CallWriter, witness: CallWitness, origin: CallOrigin, options: Options) {
    this.#writer = writer;
    this.#witness = witness;
    this.#origin = origin;
    this.#options = options;
  }

  async asked(call: Parameters<CallLog['asked']>[0]): Promise<number> {
    return await this.#append(askedDetails(call));
  }

  async answered(call: number, answer: CallAnswered): Promise<void> {
    await this.#append(answeredDetails(call, answer));
  }

  async search(filter: Parameters<CallLog['search']>[0]): Promise<readonly CallRecord[]> {
    return await this.#reading([], (database) => searchCalls(database, filter));
  }

  async forget({ before, maxBytes }: { readonly before: string; readonly maxBytes: number }): Promise<number> {
    if (!existsSync(this.#writer.path)) return 0;
    await this.#patiently(() => {
      this.#writer.intoTree();
    });
    let count = await this.#forgetUntil((database) => firstSince(database, before));
    for (;;) {
      const until = await this.#patiently(() => this.#endOfExcess(maxBytes));
      if (until === undefined) return count;
      count += await this.#forgetUntil(() => until);
    }
  }

  async verify(): Promise<CallLogVerdict> {
    try {
      return await this.#reading<CallLogVerdict>(NO_CALLS, (database) =>
        verifyCalls(database, this.#writer.head(), this.#witness),
      );
    } catch (error) {
      if (error instanceof SealwatchError && error.code === 'AUDIT_BROKEN')
        return { kind: 'broken', problems: [error.message] };
      throw error;
    }
  }

  async giveUp(actor: string): Promise<boolean> {
    if (!this.#isNone || this.#witness.isThere)
      throw new SealwatchError('STORE_EXISTS', 'there is a log of calls: move calls.db and calls.checkpoint elsewhere');
    return await this.#origin.giveUp(actor);
  }

  async close(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
    try {
      if (this.#writer.isOpen)
        await this.#patiently(() => {
          this.#writer.intoTree({ signs: true });
        });
    } finally {
      this.#writer.close();
    }
  }

  get #isNone(): boolean {
    return !this.#writer.isOpen && !existsSync(this.#writer.path);
  }

  /** What waits is written together: one transaction, whoever asked. */
  async #append(details: string): Promise<number> {
    return await new Promise((done, failed) => {
      this.#waiting.push({ salt: this.#salt(), details, done, failed });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    // Whatever else comes in this turn goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        if (this.#isNone) await this.#origin.expectNone();
        const first = await this.#patiently(() =>
          this.#writer.append(batch.map(({ salt, details }) => ({ salt, details }))),
        );
        // After the log, so that a process that ends in between leaves one that is there and not noted, which the next one notes.
        await this.#origin.noteBegan();
        for (const [index, { done }] of batch.entries()) done(first + index);
      } catch (error) {
        for (const { failed } of batch) failed(toStoreError(error));
      }
      this.#planTree();
    }
    // In one go with the last look at what waits: who comes now begins anew.
    this.#writing = undefined;
  }

  #planTree(): void {
    if (this.#writer.tailLength >= MAX_TAIL) this.#intoTree();
    else
      this.#timer ??= setTimeout(() => {
        this.#intoTree();
      }, TREE_AFTER_MS).unref();
  }

  /** What fails here is tried again before anything else is written, and then whoever asks hears of it. */
  #intoTree(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      this.#writer.intoTree();
    } catch (error) {
      if (isBusy(error)) this.#planTree();
    }
  }

  /** Another process may hold the lock, for milliseconds. */
  async #patiently<Result>(action: () => Result): Promise<Result> {
    const { clock, lockWaitMs = LOCK_WAIT_MS } = this.#options;
    const until = clock.monotonicMs() + lockWaitMs;
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (!isBusy(error) || clock.monotonicMs() > until) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Where the log is too large, the position before which entries go; `undefined` where it is not, or nothing is left of it. */
  #endOfExcess(maxBytes: number): number | undefined {
    const { tree, base } = this.#writer.head();
    const left = tree.size - base.size;
    if (left === 0 || this.#writer.open().usedBytes <= maxBytes) return undefined;
    return base.size + Math.ceil(left * SHARE_FORGOTTEN);
  }

  /** Removes the oldest entries up to a position, a step at a time; the tree goes on from what they came to. */
  async #forgetUntil(until: (database: CallDatabase) => number): Promise<number> {
    let count = 0;
    for (;;) {
      const step = await this.#patiently(() => this.#forgetStep(until));
      count += step;
      if (step < ROWS_PER_STEP) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (count > 0) this.#writer.open().shrink();
    return count;
  }

  #forgetStep(until: (database: CallDatabase) => number): number {
    const database = this.#writer.open();
    return this.#writer.changeHead((head) => forgetStep(database, head, until(database)));
  }

  /** What others wrote a moment ago is in the tree first, so that it is found. */
  async #reading<Result>(without: Result, action: (database: CallDatabase) => Result): Promise<Result> {
    try {
      if (this.#isNone) {
        this.#witness.expectNone();
        await this.#origin.expectNone();
        return without;
      }
      return await this.#patiently(() => {
        this.#writer.intoTree();
        const database = this.#writer.open();
        return database.reading(() => action(database));
      });
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Many at once: asking for a few bytes costs as much as asking for a thousand. */
  #salt(): string {
    if (this.#salts.length === 0) {
      const bytes = Buffer.from(this.#options.random.bytes(SALT_BYTES * SALTS_AT_ONCE));
      for (let at = 0; at < bytes.length; at += SALT_BYTES)
        this.#salts.push(bytes.toString('hex', at, at + SALT_BYTES));
    }
    return this.#salts.pop() ?? '';
  }
}
