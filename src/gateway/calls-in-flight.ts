import type { Called } from './called.js';
import { callOffHeld, callOffLate, isHeld, isLate } from './call-off.js';
import { heldMeanwhile, tookTooLong } from './errors.js';
import type { Passed } from './record-call.js';

interface InFlight {
  readonly called: Called;
  readonly abort: AbortController;
}

/** The calls of one client that wait for a server's answer: each has its time, and can be called off, at the server too. */
export class CallsInFlight {
  readonly #calls = new Set<InFlight>();

  /** Makes a call; `action` ends when its signal aborts. */
  async run(
    called: Called,
    { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
    action: (signal: AbortSignal) => Promise<Passed>,
  ): Promise<Passed> {
    const abort = new AbortController();
    const call = { called, abort };
    const onAbort = (): void => {
      abort.abort();
    };
    const timer = setTimeout(() => {
      callOffLate(abort);
    }, timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.#calls.add(call);
    try {
      const passed = await action(abort.signal);
      // It was answered already, and its result was being read.
      return isHeld(abort.signal) ? { ...passed, outcome: HELD } : passed;
    } catch (error) {
      if (isHeld(abort.signal)) return { outcome: HELD, sent: undefined };
      if (isLate(abort.signal)) return { outcome: { kind: 'refusal', error: tookTooLong(timeoutMs) }, sent: undefined };
      throw error;
    } finally {
      this.#calls.delete(call);
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Calls off those that may not be made any more. Where that cannot be told, their answers are refused when they come. */
  async callOffWhere(isOver: (called: Called) => Promise<boolean>): Promise<void> {
    for (const { called, abort } of [...this.#calls]) if (await isOver(called).catch(() => false)) callOffHeld(abort);
  }
}

const HELD = { kind: 'refusal', error: heldMeanwhile() } as const;
