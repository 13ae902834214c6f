import { SealwatchError } from '../errors.js';
import type { JsonValue } from '../model/json.js';

/** More than a client may have under way, with as much again for what is said besides: a server that ends nothing gets no more. */
export const MAX_OPEN = 512;

/** A server that has answered ends the stream by itself; one that does not is not waited for longer. */
const LINGER_MS = 1_000;

interface Open {
  /** Of the request that it is for; messages that nobody answers have none. */
  readonly id: JsonValue | undefined;
  readonly end: () => void;
}

/**
 * The HTTP requests of one connection that are under way.
 *
 * Attack: a server answers nothing, so that each call that is called off leaves a socket behind, until there are none for anybody.
 */
export class OpenRequests {
  readonly #open = new Set<Open>();

  /**
   * Counts a request until what is returned is called; `end` breaks it off.
   *
   * @throws {SealwatchError} `OBSERVE_CONNECT_FAILED` where too many are open
   */
  begin(id: JsonValue | undefined, end: () => void): () => void {
    if (this.#open.size >= MAX_OPEN)
      throw new SealwatchError('OBSERVE_CONNECT_FAILED', `the server leaves ${MAX_OPEN} requests open`);
    const open = { id, end };
    this.#open.add(open);
    return () => {
      this.#open.delete(open);
    };
  }

  /** Ends what was opened for a request that nobody waits for any more; calmly where it was answered. */
  end(id: JsonValue, how: 'calm' | 'hurried'): void {
    const left = Array.from(this.#open).filter((open) => open.id === id);
    const end = (): void => {
      for (const open of left) if (this.#open.has(open)) this.#end(open);
    };
    if (how === 'hurried') end();
    else if (left.length > 0) setTimeout(end, LINGER_MS).unref();
  }

  endAll(): void {
    for (const open of [...this.#open]) this.#end(open);
  }

  #end(open: Open): void {
    this.#open.delete(open);
    open.end();
  }
}
