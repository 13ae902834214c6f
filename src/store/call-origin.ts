import type { Clock, Random, Store } from '../ports.js';
import { brokenCalls } from './broken-calls.js';
import { SEALWATCH } from './claims.js';
import { openStore } from './open-store.js';

interface Options {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * What the audit log says of the log of calls: that it began.
 *
 * Attack: who deletes the log deletes its checkpoint too, and what is left looks as if nothing had ever been called.
 */
export class CallOrigin {
  readonly #stateDir: string;
  readonly #options: Options;
  #isNoted = false;

  constructor(stateDir: string, options: Options) {
    this.#stateDir = stateDir;
    this.#options = options;
  }

  /** @throws {SealwatchError} `AUDIT_BROKEN` where a log of calls began */
  async expectNone(): Promise<void> {
    const isExpected = await this.#asking({ readOnly: true }, (store) => store.expectsCallLog());
    if (isExpected) throw brokenCalls('calls.db is gone, and the audit log says that it began');
  }

  /** Notes that there is a log now, also one from before the audit log spoke of it; once in a process. */
  async noteBegan(): Promise<void> {
    if (this.#isNoted) return;
    await this.#note('call-log-began', SEALWATCH);
    this.#isNoted = true;
  }

  /** Returns whether there was one to give up. */
  async giveUp(actor: string): Promise<boolean> {
    this.#isNoted = false;
    return await this.#note('call-log-given-up', actor);
  }

  async #note(type: Parameters<Store['noteCallLog']>[0]['type'], actor: string): Promise<boolean> {
    const at = this.#options.clock.now().toISOString();
    return await this.#asking({}, (store) => store.noteCallLog({ type, actor, at }));
  }

  async #asking<Result>(how: { readonly readOnly?: true }, ask: (store: Store) => Promise<Result>): Promise<Result> {
    const { clock, random } = this.#options;
    const store = await openStore(this.#stateDir, { clock, random, ...how });
    try {
      return await ask(store);
    } finally {
      await store.close();
    }
  }
}
