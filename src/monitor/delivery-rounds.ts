import { type ChannelQueues, claimMessages, sendMessages } from './outbox.js';
import type { OutboxDeps } from './message.js';

/** Sends what is due in rounds that do not wait for one another: a channel that hangs holds back its own alerts only. */
export class DeliveryRounds {
  readonly #queues: ChannelQueues = new Map();
  readonly #underWay = new Set<Promise<unknown>>();
  #claims: Promise<unknown> = Promise.resolve();

  /** `onFailure` is told when the store fails, also in a round that nobody waits for any more. */
  constructor(
    private readonly deps: OutboxDeps,
    private readonly onFailure: (error: unknown) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Sends what is due now; returns when each of it was sent or failed. @throws {SealwatchError} `STORE_…` */
  run(): Promise<void> {
    // One claim at a time: of two, each would take a part of a digest.
    const claim = this.#claims.then(() => claimMessages(this.deps));
    this.#claims = claim.catch(() => undefined);
    const round = claim.then(async (messages) => {
      await sendMessages(messages, this.#queues, this.deps, this.signal);
    });
    this.#underWay.add(round);
    void round.catch(this.onFailure).finally(() => this.#underWay.delete(round));
    return round;
  }

  /** Returns when every round has ended; their failures were told. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}
