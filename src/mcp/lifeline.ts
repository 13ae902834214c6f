import { SealwatchError } from '../errors.js';

/**
 * What a connection hangs on: the first thing that goes wrong ends everything that waits on it, and nothing that goes
 * wrong later can hide it.
 *
 * Listeners are kept in a set and taken out again, never as reactions of one long-lived promise, which would grow with
 * every request of a connection that stays open.
 */
export class Lifeline {
  #reason: SealwatchError | undefined;
  readonly #listeners = new Set<(reason: SealwatchError) => void>();

  /** Why it ended; `undefined` while it has not. */
  get reason(): SealwatchError | undefined {
    return this.#reason;
  }

  fail(reason: SealwatchError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls the listener when it ends, at once where it has. Returns what takes the listener out again. */
  onEnd(listener: (reason: SealwatchError) => void): () => void {
    if (this.#reason !== undefined) listener(this.#reason);
    else this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Settles as the work does, or rejects as soon as the lifeline ends. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let release = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      release = this.onEnd(reject);
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      release();
    }
  }

  /** Ends when this one ends, but may end alone. `release` cuts it off. */
  fork(): { readonly lifeline: Lifeline; readonly release: () => void } {
    const lifeline = new Lifeline();
    const release = this.onEnd((reason) => {
      lifeline.fail(reason);
    });
    return { lifeline, release };
  }
}

/** Returns a lifeline that ends with `OBSERVE_ABORTED` when the signal aborts. */
export function lifelineOf(signal: AbortSignal): { readonly lifeline: Lifeline; readonly release: () => void } {
  const lifeline = new Lifeline();
  const onAbort = (): void => {
    lifeline.fail(abortedError());
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    lifeline,
    release: () => {
      signal.removeEventListener('abort', onAbort);
    },
  };
}

export function abortedError(): SealwatchError {
  return new SealwatchError('OBSERVE_ABORTED', 'the observation was called off');
}
