import type { CallLimits, CallRate, CallView } from '../model/call-limits.js';

/** What is called, and by whom. */
export interface Call {
  readonly server: string;
  readonly subject: string;
  /** What is called, with its kind: a prompt may have the name of a tool. */
  readonly target: string;
}

/** What became of asking for room. */
export type Entry =
  | { readonly kind: 'entered'; readonly leave: () => void }
  /** `limit` is the one that was reached; `undefined` for the retry where it depends on others being answered. */
  | {
      readonly kind: 'full';
      readonly limit: CallView;
      readonly retryAfterMs: number | undefined;
    };

interface Count {
  /** Calls that may come at once now; grows to `perMinute`. */
  tokens: number;
  /** Monotonic milliseconds at which `tokens` was right. */
  at: number;
  waiting: number;
}

/** Names are chosen by others: where so many are busy within one minute, nobody new is let in. */
const MAX_COUNTS = 50_000;

const MINUTE_MS = 60_000;

/** Counts the calls of all clients of this process, each in three views: of its subject, its tool and its server. */
export class CallCounter {
  readonly #counts = new Map<string, Count>();

  /** Takes room for a call, or none at all where one of the limits is reached; `now` is monotonic, in milliseconds. */
  enter({ server, subject, target }: Call, limits: CallLimits, now: number): Entry {
    // No server's name has a zero in it.
    const views = [
      ['subject', `s\0${server}\0${subject}`, limits.subject],
      ['tool', `t\0${server}\0${target}`, limits.tool],
      ['server', `a\0${server}`, limits.server],
    ] as const;
    const counts: Count[] = [];
    for (const [limit, key, rate] of views) {
      const count = this.#countAt(key, rate, now);
      if (count === undefined || count.waiting >= rate.atOnce) return { kind: 'full', limit, retryAfterMs: undefined };
      if (count.tokens < 1)
        return { kind: 'full', limit, retryAfterMs: Math.ceil(((1 - count.tokens) * MINUTE_MS) / rate.perMinute) };
      counts.push(count);
    }
    for (const count of counts) {
      count.tokens -= 1;
      count.waiting += 1;
    }
    let isIn = true;
    const leave = (): void => {
      if (isIn) for (const count of counts) count.waiting -= 1;
      isIn = false;
    };
    return { kind: 'entered', leave };
  }

  /** How many subjects, tools and servers are counted. */
  get size(): number {
    return this.#counts.size;
  }

  #countAt(key: string, { perMinute }: CallRate, now: number): Count | undefined {
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.tokens = Math.min(perMinute, known.tokens + ((now - known.at) * perMinute) / MINUTE_MS);
      known.at = now;
      return known;
    }
    if (this.#counts.size >= MAX_COUNTS) this.#forgetIdle(now);
    if (this.#counts.size >= MAX_COUNTS) return undefined;
    const count = { tokens: perMinute, at: now, waiting: 0 };
    this.#counts.set(key, count);
    return count;
  }

  /** After a quiet minute everything is as if it had never been counted. */
  #forgetIdle(now: number): void {
    for (const [key, { waiting, at }] of this.#counts)
      if (waiting === 0 && now - at >= MINUTE_MS) this.#counts.delete(key);
  }
}
